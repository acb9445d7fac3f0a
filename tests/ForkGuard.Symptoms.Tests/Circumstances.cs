using ForkGuard.Testing;

namespace ForkGuard.Symptoms.Tests;

/// <summary>What makes the kernel refuse the forks of a program.</summary>
internal sealed record Circumstances
{
    /// <summary>The user and group that the program runs as.</summary>
    internal string Account { get; init; } = "0:0";

    /// <summary>The cgroup of the program; null for the tests' own.</summary>
    internal TestCgroup? Cgroup { get; init; }

    /// <summary>One adjacent pair of mappings, merged by the kernel, is larger than RAM and swap.</summary>
    internal bool ReservesMoreThanRam { get; init; }

    /// <summary>The folder that the program has as /tmp; null for a new one.</summary>
    internal string? Scratch { get; init; }

    /// <summary>A command that runs the program, such as prlimit with its options.</summary>
    internal string Before { get; init; } = "";
}
