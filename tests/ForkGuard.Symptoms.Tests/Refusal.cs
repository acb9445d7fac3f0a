using ForkGuard.Testing;

namespace ForkGuard.Symptoms.Tests;

/// <summary>Lets the kernel refuse, and compares what the program printed with the answer of <c>forkguard check</c>.</summary>
internal static class Refusal
{
    /// <summary>Fewer tasks than any program has: no task can be added.</summary>
    internal const ulong NoTasks = 1;

    /// <summary>Asserts that a program which waits for a line starts no child, and that check names the reason.</summary>
    internal static async Task OfWaitingProgramAsync(
        RunningProgram program,
        string message,
        string constraint,
        TestCgroup? cgroup = null
    )
    {
        await program.PrintsAsync("ready");
        cgroup?.SetMax(NoTasks);
        await program.SendLineAsync();
        await IsExplainedAsync(program, message, constraint);
        Assert.DoesNotContain("started", program.Output, StringComparison.Ordinal);
    }

    /// <summary>Asserts that a program prints a message, and that check names the reason.</summary>
    internal static async Task IsExplainedAsync(RunningProgram program, string message, string constraint)
    {
        await program.PrintsAsync(message);
        var answer = await Check.InJsonAsync(program.Pid);
        Assert.Equal(("CannotFork", constraint), (answer.Verdict, (string?)answer.Json["bindingConstraint"]));
        Assert.Equal(1, answer.ExitCode);
    }
}
