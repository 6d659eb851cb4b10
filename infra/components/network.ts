import * as gcp from '@pulumi/gcp';
import type * as pulumi from '@pulumi/pulumi';
import type { Settings } from '../settings.ts';

export interface PlatformNetwork {
  id: pulumi.Output<string>;
  subnet: pulumi.Output<string>;
  /** What the database waits for: the peering that gives it a private address. */
  peering: gcp.servicenetworking.Connection;
}

/**
 * One network, through which all that functions send leaves: to the database over the peering, to other functions over Private
 * Google Access (which makes those calls internal, so that only public functions are open to the internet), and out over NAT.
 */
export function createNetwork({ region }: Settings): PlatformNetwork {
  const network = new gcp.compute.Network('millrace', { name: 'millrace', autoCreateSubnetworks: false });
  const subnet = new gcp.compute.Subnetwork('functions', {
    name: 'functions',
    network: network.id,
    region,
    // Direct VPC egress takes an address an instance, and two while a revision replaces another.
    ipCidrRange: '10.0.0.0/20',
    privateIpGoogleAccess: true,
  });
  const range = new gcp.compute.GlobalAddress('google-services', {
    name: 'google-services',
    purpose: 'VPC_PEERING',
    addressType: 'INTERNAL',
    prefixLength: 16,
    network: network.id,
  });
  const peering = new gcp.servicenetworking.Connection('google-services', {
    network: network.id,
    service: 'servicenetworking.googleapis.com',
    reservedPeeringRanges: [range.name],
  });
  const router = new gcp.compute.Router('egress', { name: 'egress', network: network.id, region });
  new gcp.compute.RouterNat('egress', {
    name: 'egress',
    router: router.name,
    region,
    natIpAllocateOption: 'AUTO_ONLY',
    sourceSubnetworkIpRangesToNat: 'ALL_SUBNETWORKS_ALL_IP_RANGES',
  });
  return { id: network.id, subnet: subnet.id, peering };
}
