global using ForkGuard.Policy.Risk;
global using ForkGuard.Policy.Tests.Risk;
