using System.CommandLine;
using ForkGuard.Agent.Output;
using ForkGuard.Agent.Readings;
using ForkGuard.Api;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;

namespace ForkGuard.Agent.Commands;

/// <summary><c>forkguard top</c>: one scan of the machine, worst first.</summary>
internal static class TopCommand
{
    private const int DefaultRows = 20;

    internal static Command Create()
    {
        var count = new Option<int>("--count", "-n")
        {
            Description = $"How many processes to show (default {DefaultRows}).",
            HelpName = "N",
            DefaultValueFactory = _ => DefaultRows,
        };
        count.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && result.GetValueOrDefault<int>() is < 1 or > 10_000)
            {
                result.AddError("--count must be between 1 and 10000");
            }
        });
        var output = CommandLine.OutputOption();
        var proc = CommandLine.ProcOption();
        var command = new Command("top", "One scan of the machine, worst first.") { count, output, proc };
        command.SetAction(result =>
            Run(result.GetValue(count), result.GetValue(output), result.GetValue(proc) ?? "/proc")
        );
        return command;
    }

    private static int Run(int count, OutputFormat output, string procPath)
    {
        if (!CommandLine.TryOpen(procPath, out var proc, out var reader, out var state))
        {
            return ExitCode.Unknown;
        }

        var now = TimeProvider.System.GetUtcNow();
        using var sieve = new Sieve(proc, mostHeld: 0);
        var listed = sieve.List();
        var worst = sieve.Worst(state, state.Mode, count, WatchDefaults.ReportAtPercent, now);
        if (output == OutputFormat.Json)
        {
            foreach (var reading in worst)
            {
                JsonLines.Write(CheckResult.ToJson(reading, state, probe: null));
            }

            return ExitCode.Fine;
        }

        var columns = TerminalWidth.Columns();
        var unreadable = worst.Count(r => r.Status is not (ReadStatus.Ok or ReadStatus.NoAddressSpace));
        Console.WriteLine(HeaderText.Of(state, reader.ReleaseName, columns));
        Console.WriteLine($"{listed} processes and kernel threads{UnreadableText.Of(unreadable)}; worst first:");
        ProcessTable.Write(Console.Out, [.. worst.Select(reading => reading.ToReport())], columns);
        return ExitCode.Fine;
    }
}
