import { lifecycles } from './lifecycles.ts';
console.log(JSON.stringify(await lifecycles.measure((l)=>console.log(l)),null,1)); process.exit();
