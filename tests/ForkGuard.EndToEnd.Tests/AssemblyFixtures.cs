using ForkGuard.EndToEnd.Tests.Cluster;
using Xunit.Sdk;
using Xunit.v3;

[assembly: AssemblyFixture(typeof(Installation))]
// One node, two cores.
[assembly: Parallelization(Mode = ParallelMode.None)]
