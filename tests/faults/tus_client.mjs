// Sends one file with tus-js-client, which nobody here wrote: node tus_client.mjs '{"endpoint": …}'
// Prints what came of it as JSON. Found in the repository's node_modules (npm ci).

import { createReadStream, statSync } from "node:fs";
import * as tus from "tus-js-client";

const asked = JSON.parse(process.argv[2]);
const told = { attempts: 0, statuses: [] };
const delays = Array.from({ length: asked.patience ?? 400 }, () => 100);

const upload = new tus.Upload(createReadStream(asked.file), {
  endpoint: asked.endpoint,
  uploadUrl: asked.uploadUrl ?? null,
  uploadSize: statSync(asked.file).size,
  chunkSize: asked.chunkSize,
  uploadDataDuringCreation: asked.duringCreation ?? false,
  headers: asked.headers,
  metadata: { filename: asked.name, filetype: "application/octet-stream" },
  retryDelays: delays,
  onBeforeRequest: () => {
    told.attempts += 1;
  },
  onAfterResponse: (request, response) => {
    told.statuses.push(response.getStatus());
  },
  onSuccess: () => say({ url: upload.url }),
  onError: (error) => say({ url: upload.url, error: String(error), status: error.originalResponse?.getStatus() ?? null }),
});

function say(more) {
  process.stdout.write(JSON.stringify({ ...told, ...more }));
  process.exit(0);
}

upload.start();
