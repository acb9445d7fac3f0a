using ForkGuard.Symptoms.Tests;

[assembly: AssemblyFixture(typeof(SymptomPrograms))]
