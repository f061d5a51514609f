/* Run by Node where it finds the TypeScript client: use it as its documentation says.

`drive_typescript.cjs URL CALLS` makes the calls of a file: a list of an operation's id, its
arguments, the name, the model and the document of what it sends, or null, and the model that it
returns, or null. It prints what each returned, by operation id. */

const { readFileSync } = require("node:fs");
const { createRequire } = require("node:module");
const path = require("node:path");

const sdk = createRequire(path.join(process.cwd(), "program.js"))("@pieces.app/pieces-os-client");

const camel = (name) => name.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase());

async function main(url, calls) {
  const configuration = new sdk.Configuration({ basePath: url });
  const apis = [
    sdk.ConversationApi,
    sdk.ConversationsApi,
    sdk.ConversationMessageApi,
    sdk.ConversationMessagesApi,
    sdk.WellKnownApi,
  ].map((api) => new api(configuration));
  const returned = {};
  for (const [operation, ids, body, returns] of JSON.parse(readFileSync(calls, "utf8"))) {
    const method = camel(operation);
    const api = apis.find((each) => method in each);
    const sent = {};
    for (const [name, value] of Object.entries(ids)) sent[camel(name)] = value;
    if (body) {
      const [argument, model, document] = body;
      sent[camel(argument)] = sdk[`${model}FromJSON`](document);
    }
    try {
      const result = await api[method](sent);
      const write = returns && sdk[`${returns}ToJSON`];
      returned[operation] = write ? write(result) : (result ?? null);
    } catch (error) {
      throw new Error(`${operation}: ${error.response ? await error.response.text() : error}`);
    }
  }
  console.log(JSON.stringify(returned));
}

main(...process.argv.slice(2));
