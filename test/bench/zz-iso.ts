import { newPlace, optionsFor, cloudAccess } from '/work/main/test/journeys/support/access.ts';
import { startCloud } from '/work/main/emulators/cloud/cloud.ts';
import { openControl } from '/work/main/emulators/cloud/control.ts';
import { openDesk } from '/work/main/test/journeys/support/desk.ts';
const place = await newPlace();
console.log(place.folder);
const t=performance.now();
const cloud = await startCloud(optionsFor(place,{isolate:true}));
console.log('ready', performance.now()-t, cloud.secondsToReady);
try {
const control = await openControl(cloud);
const access = { ...(await cloudAccess(place)), quiet: (ms=60000)=>control.quiet(ms) } as any;
let t0=performance.now();
const desk = await openDesk(access);
console.log('desk', performance.now()-t0);
await control.quiet(60000).then(()=>console.log('quiet'),e=>console.log(String(e)));
} catch(e) { console.log(e); }
console.log('stopping'); await cloud.stop(); process.exit();
