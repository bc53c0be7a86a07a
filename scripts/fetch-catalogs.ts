// `npm run data:catalogs`: makes pairs of English and German from the message catalogues of Debian packages in .data/translate-en-de/,
// which git ignores. Needs the package lists of `apt-get update`; nothing is installed. `report.json` there tells sizes and versions.
import { makeDataSet, writeDataSet } from '../corpora/catalogs/data-set.ts';
import { fetchCatalogs, readCatalogs } from '../corpora/catalogs/fetch.ts';
import { CATALOG_PACKAGES } from '../corpora/catalogs/packages.ts';

const CATALOGS_FOLDER = '.data/catalogs';
const DATA_FOLDER = '.data/translate-en-de';

await fetchCatalogs(CATALOGS_FOLDER, (names) => console.error(`fetching ${names.join(' ')}`));
const { catalogs, versions } = await readCatalogs(CATALOGS_FOLDER);
const others = Object.entries(versions).filter(([name, version]) => CATALOG_PACKAGES[name] !== version);
for (const [name, version] of others) console.error(`${name} is ${version}; seen was ${CATALOG_PACKAGES[name]}`);
console.error(`cleaning the messages of ${catalogs.length} packages`);
const dataSet = makeDataSet(catalogs);
await writeDataSet(DATA_FOLDER, dataSet, versions);
console.log(JSON.stringify(dataSet.report, null, 2));
