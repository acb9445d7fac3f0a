using ForkGuard.Testing.Kubernetes;

[assembly: AssemblyFixture(typeof(ControlPlane))]
