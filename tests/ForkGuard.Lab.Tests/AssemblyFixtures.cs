using ForkGuard.Lab.Tests.Judging;

[assembly: AssemblyFixture(typeof(LabReport))]
