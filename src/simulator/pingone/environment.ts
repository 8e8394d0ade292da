import { type JsonObject, resourceReply } from "../message.ts";
import { collectionReply } from "./collection.ts";
import { type Context, environmentLink, type Handler } from "./handler.ts";
import { notFound } from "./refusals.ts";

/** The environment itself, what it is licensed for, and its one population. */

const setUp = "2026-01-12T08:00:00.000Z";

/** "Read One Environment" of the Management OpenAPI. */
export const readEnvironment: Handler = (context) =>
  resourceReply(200, {
    _links: {
      self: environmentLink(context),
      users: environmentLink(context, "/users"),
      populations: environmentLink(context, "/populations"),
    },
    id: context.world.environmentId,
    name: "Pretend workforce",
    description: "Served by the simulator. Nothing in here is real.",
    type: "SANDBOX",
    region: "EU",
    organization: { id: context.world.organizationId },
    createdAt: setUp,
    updatedAt: setUp,
  });

/** "Read Environment Capabilities" of the Management OpenAPI. */
export const readCapabilities: Handler = (context) =>
  resourceReply(200, {
    _links: { self: environmentLink(context, "/capabilities"), environment: environmentLink(context) },
    ...Object.fromEntries(context.world.capabilities),
  });

const population = (context: Context): JsonObject => ({
  _links: {
    self: environmentLink(context, `/populations/${context.world.populationId}`),
    environment: environmentLink(context),
  },
  id: context.world.populationId,
  environment: { id: context.world.environmentId },
  name: "Everyone",
  default: true,
  userCount: context.world.users.size,
  createdAt: setUp,
  updatedAt: setUp,
});

/** "Read All Populations" of the Management OpenAPI. */
export const listPopulations: Handler = (context) =>
  collectionReply("populations", [population(context)], environmentLink(context, "/populations"));

/** "Read One Population" of the Management OpenAPI. */
export const readPopulation: Handler = (context, call) =>
  call.parameters["population"] === context.world.populationId ? resourceReply(200, population(context)) : notFound();
