import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { noBrowser, openBrowser } from '../support/chromium.ts';
import { describeUnless } from '../support/describe-unless.ts';
import { freshDirectory, sweep } from '../support/embedded-sandbox.ts';
import { eventually } from '../support/eventually.ts';
import { endAll, type Running, run, start } from '../support/operator.ts';
import { ask } from '../support/token-holder.ts';

// A browser on a busy machine takes many seconds to load GraphiQL with its editor; a test does so up to twice.
jest.setTimeout(90_000);

describeUnless(noBrowser, 'GraphiQL is')('GraphiQL, as a first visitor finds it,', () => {
  let parley: Running;
  let browser: Browser;
  let page: Page;
  let url: string;
  let environment: Record<string, string>;
  let folder: string;
  const asked: string[] = [];
  const complaints: string[] = [];

  beforeAll(async () => {
    folder = await freshDirectory();
    environment = { PORT: '0', DATA_DIR: folder };
    parley = start('parley', { folder, environment });
    [browser, url] = await Promise.all([openBrowser(), parley.url()]);
  });
  beforeEach(async () => {
    // Without anything that the browser has kept from an earlier visit.
    const context = await browser.newContext({ viewport: { width: 1_440, height: 900 } });
    page = await context.newPage();
    asked.length = 0;
    complaints.length = 0;
    page.on('request', (request) => asked.push(`${request.url()} ${request.postData() ?? ''}`));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    await open();
  });
  // A page left open goes on drawing, and takes the time of those after it.
  afterEach(() => page?.context().close());
  afterAll(async () => {
    await browser?.close();
    await endAll();
    await sweep();
  });

  async function open(): Promise<void> {
    await page.goto(url);
    await page.locator('.graphiql-query-editor .view-line').first().waitFor();
  }

  const tab = (name: string) => page.getByRole('tab').filter({ hasText: name });
  const response = textOf('.graphiql-response');
  function textOf(selector: string): () => Promise<string> {
    // Monaco shows blanks as no-break spaces.
    return async () => ((await page.locator(selector).textContent()) ?? '').replaceAll('\u00a0', ' ');
  }

  async function runTab(name: string): Promise<void> {
    await tab(name).getByRole('button', { name, exact: true }).click();
    expect(await tab(name).getAttribute('aria-selected')).toBe('true');
    // Pressed right after the change of tabs, GraphiQL still looks for the operation of the tab before.
    await eventually(async () => {
      const before = asked.length;
      await page.getByRole('button', { name: /Execute query/ }).click();
      const operation = new RegExp(`(query|mutation|subscription)[ +]${name}`);
      await eventually(() => asked.slice(before).some((request) => operation.test(request)), {
        withinMs: 1_000,
      });
    });
  }

  async function tokenOf(name: string): Promise<string> {
    return (await run('token', { folder, environment, args: [name] })).stdout.trim();
  }

  test('has an example in each tab and a token in the headers, and runs the first one', async () => {
    expect(await page.title()).toBe('Parley');
    expect(await page.getByRole('tab').allInnerTexts()).toEqual([
      'Conversations',
      'Messages',
      'Inbox',
      'Send',
      'MarkRead',
    ]);
    expect(await textOf('.graphiql-editors')()).toMatch(/You are alice[\s\S]*"Authorization": "Bearer ey/);
    await runTab('Conversations');
    await eventually(async () => /"username": "alice"/.test(await response()));
    expect(await response()).toMatch(/"username": "bob"/);
    expect(await response()).not.toMatch(/"errors"/);
  });

  test('runs each of the other examples as it stands', async () => {
    const answers = {
      Messages: /"messageText": "/,
      Send: /"username": "bob"/,
      MarkRead: /"markedCount": \d/,
    };
    for (const [name, answer] of Object.entries(answers)) {
      await runTab(name);
      await eventually(async () => expect(await response()).toMatch(answer));
    }
  });

  test('shows a message live that someone else sends', async () => {
    await runTab('Inbox');
    const bob = `Bearer ${await tokenOf('bob')}`;
    const { body } = await ask(url, bob, '{ user(username: "alice") { id } }');
    const text = `live ${Date.now()}`;
    const sent = await ask(
      url,
      bob,
      `mutation { sendMessage(input: { receiverId: "${body.data.user.id}", messageText: "${text}" }) { message { id } } }`,
    );
    expect(sent.body.errors).toBeUndefined();
    await eventually(async () => (await response()).includes(text));
    expect(await response()).toMatch(/"__typename": "MessageSent"/);
  });

  test('still has a token after a reload, and keeps it nowhere', async () => {
    await runTab('Send');
    await eventually(async () => /"username": "bob"/.test(await response()));
    expect(await page.evaluate('JSON.stringify(localStorage)')).not.toContain('Bearer');
    await open();
    await runTab('Conversations');
    await eventually(async () => /"username": "alice"/.test(await response()));
  });

  test('asks no other server for anything, and complains of nothing', async () => {
    await runTab('Conversations');
    await eventually(async () => /"username": "alice"/.test(await response()));
    const { origin } = new URL(url);
    expect(asked.length).toBeGreaterThan(1);
    expect(
      asked.filter(
        (request) =>
          !request.startsWith('blob:') && !request.startsWith('data:') && !request.startsWith(`${origin}/`),
      ),
    ).toEqual([]);
    expect(complaints).toEqual([]);
  });
});
