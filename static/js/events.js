/** Server-sent events, read from a stream as they come. */

/**
 * Tell every event, and wait for the next.
 * @param {Pick<ReadableStreamDefaultReader<Uint8Array>, "read">} reader
 * @param {(event: string, data: string) => void} tell
 */
export async function eachEvent(reader, tell) {
  const decoder = new TextDecoder();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const blocks = (rest + decoder.decode(value, { stream: true })).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const fields = new Map(block.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]));
      // One that only keeps the line open has no data.
      if (fields.has("data")) tell(fields.get("event") ?? "message", fields.get("data") ?? "");
    }
  }
}
