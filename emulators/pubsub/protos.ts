import { createRequire } from 'node:module';
import protobuf from 'protobufjs';
import { invalidArgument } from './status.ts';

/** Everything but the hot path speaks protobufjs: the schema that the official client ships, and IAM's own few messages. */
export const root = protobuf.Root.fromJSON(
  createRequire(import.meta.url)('@google-cloud/pubsub/build/protos/protos.json') as protobuf.INamespace,
);

// google/iam/v1: not among the protos of @google-cloud/pubsub.
protobuf.parse(
  `syntax = "proto3";
  package google.iam.v1;
  message Expr { string expression = 1; string title = 2; string description = 3; string location = 4; }
  message Binding { string role = 1; repeated string members = 2; Expr condition = 3; }
  message Policy { int32 version = 1; repeated Binding bindings = 4; bytes etag = 3; }
  message SetIamPolicyRequest { string resource = 1; Policy policy = 2; }
  message GetIamPolicyRequest { string resource = 1; }
  message TestIamPermissionsRequest { string resource = 1; repeated string permissions = 2; }
  message TestIamPermissionsResponse { repeated string permissions = 1; }
  service IAMPolicy {
    rpc SetIamPolicy(SetIamPolicyRequest) returns (Policy);
    rpc GetIamPolicy(GetIamPolicyRequest) returns (Policy);
    rpc TestIamPermissions(TestIamPermissionsRequest) returns (TestIamPermissionsResponse);
  }`,
  root,
);

/** Turns a message type's bytes into plain objects and back: enum names, bytes as Buffer, 64-bit integers as numbers. */
interface Codec<T extends object> {
  decode(bytes: Uint8Array): T;
  encode(value: T): Buffer;
}

/** The codec of a message by its full name, such as `google.pubsub.v1.Topic`. */
export function codec<T extends object>(fullName: string): Codec<T> {
  const type = root.lookupType(fullName);
  return {
    decode: (bytes) => type.toObject(type.decode(bytes), { longs: Number, enums: String, bytes: Buffer }) as T,
    encode: (value) => {
      const problem = type.verify(type.fromObject(value));
      if (problem !== null) throw invalidArgument(problem);
      return Buffer.from(type.encode(type.fromObject(value)).finish());
    },
  };
}
