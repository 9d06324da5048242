// Signs in to the chat's page, talks, is told of films live, loses the connection and comes back. Input: { url, email, password, chromium, pictures } as JSON.
// Says "ready" once it is in the room and "broken" once the connection is lost; the caller sends a recommendation each time. Ends with what it saw as JSON.
import { chromium } from 'playwright-core';
import { readFileSync } from 'node:fs';

const input = JSON.parse(readFileSync(0, 'utf8'));
const browser = await chromium.launch({ executablePath: input.chromium, args: ['--no-sandbox'] });
try {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, colorScheme: 'light' });
  const page = await context.newPage();
  const faults = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    // That nobody is signed in, and that the password is wrong, the page learns from refusals.
    if (message.type() === 'error' && !/status of 40[01]/.test(message.text())) {
      faults.push(message.text());
    }
  });
  const sockets = [];
  await page.routeWebSocket(/\/ws\/v1\/chat\//, (socket) => {
    socket.connectToServer();
    sockets.push(socket);
  });

  const answer = await page.goto(`${input.url}/ws/v1/chat/`);
  await page.waitForSelector('#login:not([hidden])');
  const focused = await page.evaluate(() => document.activeElement?.id);
  await page.keyboard.type(input.email);
  await page.keyboard.press('Tab');
  await page.keyboard.type('wrong password');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#fault:not([hidden])');
  await page.fill('#password', input.password);
  await page.keyboard.press('Enter');
  await page.waitForSelector('#room:not([hidden])');
  await page.waitForFunction(() => document.activeElement?.id === 'text');
  await page.keyboard.type('hello <b>there</b>');
  await page.keyboard.press('Enter');
  await page.waitForSelector('li.own');
  const own = await page.textContent('li.own');
  const typed = await page.evaluate(() => {
    const text = document.querySelector('#text');
    return text instanceof HTMLInputElement ? text.maxLength : 0;
  });

  console.log('ready');
  await page.waitForSelector('li.bot:has-text("Night Ferry")');
  const width = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  await page.screenshot({ path: `${input.pictures}/chat-light.png` });

  await sockets.at(-1).close();
  await page.waitForFunction(() => document.querySelector('#state')?.textContent?.includes('again'));
  console.log('broken');
  await page.waitForSelector('li.bot:has-text("Salt Road")');
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.screenshot({ path: `${input.pictures}/chat-dark.png` });
  const dark = await page.evaluate(() => getComputedStyle(document.body).color);
  const bots = await page.locator('li.bot').allTextContents();
  const people = await page.textContent('#people');
  await page.click('#leave');
  await page.waitForSelector('#login:not([hidden])');
  const cookies = (await context.cookies()).map((cookie) => [cookie.name, cookie.httpOnly]);
  console.log(JSON.stringify({ policy: answer.headers()['content-security-policy'], focused, own, typed, width, bots, people, dark, connections: sockets.length, cookies, faults }));
} finally {
  await browser.close();
}
