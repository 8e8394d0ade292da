import { createServer } from "node:http";

/** What `squatter.ts` starts. Plain JavaScript, because any copy of Node, under any account, has to run it. */

const sockets = [];
process.on("message", (question, handle) => {
  if (question.tally) {
    process.send({ connections: sockets.length, bytes: sockets.reduce((sum, socket) => sum + socket.bytesRead, 0) });
    return;
  }
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      response.setHeader("content-type", "application/jwt");
      response.end(question.attestation);
    });
  });
  server.on("connection", (socket) => sockets.push(socket));
  server.listen(handle ?? { ...question.listen, exclusive: true }, () =>
    process.send({ port: server.address()?.port }),
  );
});
process.on("disconnect", () => process.exit());
