using System.Globalization;
using ForkGuard.Testing;

namespace ForkGuard.Lab.Tests.Machine;

/// <summary>What a fork in the guest ended with, and what the kernel logged about it.</summary>
internal sealed record ForkOutcome(int Error, IReadOnlyList<string> Log)
{
    /// <summary>Stands for an errno where the process was killed before its fork returned.</summary>
    internal const int Killed = -1;

    internal bool IsRefused => Error == Errno.NoMemory;

    /// <param name="pid">Whose fork it was.</param>
    /// <param name="error">What it ended with.</param>
    /// <param name="log">What the kernel logged meanwhile, about others too.</param>
    internal static ForkOutcome Of(int? pid, int error, IEnumerable<string> log)
    {
        var mine = string.Create(CultureInfo.InvariantCulture, $"pid: {pid},");
        return new(error, [.. log.Where(line => line.Contains(mine, StringComparison.Ordinal))]);
    }
}

/// <summary>The victim in a guest.</summary>
internal sealed class GuestVictim
{
    private readonly VirtualMachine _machine;

    internal GuestVictim(VirtualMachine machine, string key, string arguments, string identity, string firstLine)
    {
        _machine = machine;
        Key = key;
        Layout = identity == "root" ? arguments : $"{arguments} as {identity}";
        var words = firstLine.Split(' ');
        Pid = words is ["ready", var pid, _, _] ? int.Parse(pid, CultureInfo.InvariantCulture) : null;
        Refusal = Pid is null ? firstLine : null;
    }

    internal string Key { get; }
    internal string Layout { get; }

    /// <summary>Null if the kernel refused the layout itself.</summary>
    internal int? Pid { get; }

    internal string? Refusal { get; }

    internal async Task<ForkOutcome> ForkAsync()
    {
        var answer = await TellAsync("fork");
        if (answer[0] == "ended")
        {
            return new(ForkOutcome.Killed, [.. answer.Skip(1)]);
        }

        var words = answer[0].Split(' ');
        Assert.True(words is ["fork", _, ..], $"{Layout}: {answer[0]}");
        return ForkOutcome.Of(Pid, int.Parse(words[1], CultureInfo.InvariantCulture), answer.Skip(1));
    }

    /// <summary>Sends commands that each must succeed.</summary>
    internal async Task DoAsync(params IEnumerable<string> commands)
    {
        foreach (var command in commands)
        {
            var answer = await TellAsync(command);
            Assert.True(answer[0].Split(' ') is [not "failed", "0", ..], $"{Layout}: {command}: {answer[0]}");
        }
    }

    internal Task<string[]> TellAsync(string command) => _machine.AskAsync($"tell {Key} {command}");
}
