import { tickToOrder } from './tick-to-order.ts';
console.log(JSON.stringify(await tickToOrder.measure((l)=>console.log(l)),null,1)); process.exit();
