using ForkGuard.Lab.Tests.Machine;

namespace ForkGuard.Lab.Tests.Programs;

/// <summary>What the fork of a real program ended with, and what the program said about it.</summary>
internal sealed record ProgramFork(ForkOutcome Outcome, string Words);
