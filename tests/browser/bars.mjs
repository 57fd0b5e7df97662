// Bars a page must hold: the weight of a first visit, no sideways scroll on the smallest screen, and what nobody writes on
// purpose or somebody does: words without an end, from right to left, of no width, markup, formulas.
import { Person, walk } from './browser.mjs';

const faults = [];

function must(condition, message) { if (!condition) throw new Error(message); }

// Login and page, each as its first visit.
const PAGES = [
  ['agent', '/desk'], ['agent', '/desk/drafts'], ['agent', '/intake'], ['agent', '/intake/contacts'], ['agent', '/orders/new'],
  ['agent', '/desk-items'], ['officer', '/queue'], ['officer', '/unit'], ['officer', '/notices'], ['officer', '/bulk'],
  ['leader', '/approvals'], ['office', '/dispatch'], ['office', '/review'], ['office', '/disputes'], ['office', '/orders'],
  ['office', '/people'], ['office', '/admin/modes'], ['office', '/admin/rules'], ['callback', '/callback'],
  ['admin', '/admin/units'], ['admin', '/admin/people'], ['admin', '/admin/calendar'], ['admin', '/admin/keys'],
  ['admin', '/admin/audit'], ['admin', '/me'],
];
const MOST = 100 * 1000;

// Bytes over the wire of one page with all it loads, nothing kept from before.
async function weight(person, path) {
  const cdp = await person.page.context().newCDPSession(person.page);
  await cdp.send('Network.enable');
  await cdp.send('Network.setCacheDisabled', { cacheDisabled: true });
  let bytes = 0;
  cdp.on('Network.loadingFinished', (one) => { bytes += one.encodedDataLength; });
  await person.page.goto(person.url + path, { waitUntil: 'load' });
  await person.page.waitForTimeout(100);
  await cdp.detach();
  return bytes;
}

async function weights(browser, url) {
  let heaviest = ['', 0];
  const people = new Map();
  for (const [login, path] of PAGES) {
    if (!people.has(login)) people.set(login, await Person.signIn(browser, url, login, { faults }));
    const bytes = await weight(people.get(login), path);
    if (bytes > heaviest[1]) heaviest = [path, bytes];
    if (bytes >= MOST) faults.push(`${path}: ${bytes} bytes on a first visit`);
  }
  const officer = people.get('officer');
  await officer.page.goto(`${url}/queue`);
  const order = await officer.page.locator('[data-row] a.cell__title').first().getAttribute('href');
  const bytes = await weight(officer, order);
  if (bytes > heaviest[1]) heaviest = [order, bytes];
  if (bytes >= MOST) faults.push(`${order}: ${bytes} bytes on a first visit`);
  for (const person of people.values()) await person.leave();
  console.error(`the heaviest first visit is ${heaviest[0]}: ${heaviest[1]} bytes`);
}

async function narrow(browser, url) {
  for (const login of ['officer', 'office']) {
    const person = await Person.signIn(browser, url, login, { width: 320, faults });
    await person.go(login === 'officer' ? '/queue' : '/orders');
    const order = await person.page.locator('[data-row] a.cell__title').first().getAttribute('href');
    await person.go(order);
    await person.leave();
  }
}

const LONG = 'W'.repeat(10_000);
const HOSTILE = `=HYPERLINK("x") \u202eתירבע العربية\u202c \u200b\u200d\ufeff <script>window.struck = 1</script><img src=x onerror="window.struck = 1"> `;

async function hostile(browser, url, width) {
  const as = (login) => Person.signIn(browser, url, login, { width, faults });
  const unhurt = async (person, path) => {
    await person.go(path);
    must(!(await person.page.evaluate(() => window.struck)), `${path}: a script ran`);
  };
  const agent = await as('agent');
  await agent.go('/orders/new');
  await agent.page.fill('[name="title"]', (HOSTILE + LONG).slice(0, 200));
  await agent.page.fill('[name="body"]', HOSTILE + LONG);
  await agent.page.fill('[name="place"]', `${HOSTILE}${LONG}`.slice(0, 400));
  await agent.page.fill('[name="claimant.name"]', `${HOSTILE}${LONG}`.slice(0, 60));
  await agent.page.fill('[name="claimant.phone"]', width < 600 ? '13800138991' : '13800138992');
  await agent.page.check('[name="kind"][value="complaint"]');
  await agent.page.selectOption('[name="subject"]', '020103');
  await agent.submit(agent.page.locator('button[value="register"]'));
  must(/\/orders\/\d/.test(agent.page.url()), `registered: ${agent.page.url()}: ${(await agent.page.textContent('main')).slice(0, 400)}`);
  const no = new URL(agent.page.url()).pathname.split('/').pop();
  const action = (command) => `/orders/${no}/do/${command}`;
  await unhurt(agent, `/orders/${no}`);
  await unhurt(agent, `/desk?phone=${width < 600 ? '13800138991' : '13800138992'}`);
  const office = await as('office');
  await unhurt(office, `/dispatch?case=${no}`);
  let form = await office.form(action('dispatch'));
  await form.locator('textarea[name="note"]').fill(HOSTILE + LONG.slice(0, 5_000));
  await office.submit(form.locator('button[type=submit]'));
  await unhurt(office, '/orders');
  const officer = await as('officer');
  await unhurt(officer, '/queue');
  await unhurt(officer, `/queue?peek=${no}`);
  await officer.submit(officer.page.locator(`button[form="sign"][aria-label$="${no}"]`));
  await unhurt(officer, '/notices');
  await unhurt(officer, `/orders/${no}`);
  form = await officer.form(action('note'));
  await form.locator('[name="text"]').fill(HOSTILE + LONG.slice(0, 5_000));
  await officer.submit(form.locator('button[type=submit]'));
  form = await officer.form(action('feedback'));
  await form.locator('[name="facts.finding"][value="true"]').check();
  await form.locator('[name="facts.unit_dealt_with"]').fill(HOSTILE + LONG.slice(0, 2_000));
  await form.locator('[name="facts.matter_disposed"]').fill(HOSTILE + LONG.slice(0, 2_000));
  await form.locator('[name="internal"]').fill(HOSTILE + LONG);
  await form.locator('[name="public"]').fill(HOSTILE + LONG);
  await officer.submit(form.locator('button[type=submit]'));
  const leader = await as('leader');
  await unhurt(leader, '/approvals');
  const grant = leader.page.locator(`form[action="${action('grant')}"] button[type=submit]`);
  if (await grant.count()) await leader.submit(grant.first());
  await unhurt(office, `/review?case=${no}`);
  await unhurt(office, `/orders/${no}`);
  await unhurt(office, `/orders/${no}/print`);
  const csv = await office.page.evaluate(() => fetch('/orders/export?format=csv').then((answer) => answer.text()));
  must(csv.includes(no), 'it is in the export');
  // A cell that begins like a formula begins with a quote.
  must(!/(^|[,\n])"?[=+@]/.test(csv), 'a formula in an export');
  for (const person of [agent, office, officer, leader]) await person.leave();
}

await walk(faults, async (browser, url) => {
  await weights(browser, url);
  await narrow(browser, url);
  for (const width of [390, 1440]) await hostile(browser, url, width);
});
