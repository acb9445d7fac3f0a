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
        var count = CommandLine.NumberOption("--count", ["-n"], least: 1, most: 10_000, DefaultRows);
        count.Description = $"How many processes to show (default {DefaultRows}).";
        count.HelpName = "N";
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
        state = OwnCharge.TakenOff(state, proc, now);
        using var scanner = new ProcessScanner(proc, maxHeld: 0, ScanBudget.Unlimited);
        ScanStatistics listed;
        try
        {
            listed = scanner.Scan(state, state.Mode, WatchDefaults.ReportAtPercent, now, []);
        }
        catch (IOException e)
        {
            Console.Error.WriteLine($"forkguard: {e.Message}");
            return ExitCode.Unknown;
        }

        var worst = scanner.Worst(state, state.Mode, count, now);
        if (output == OutputFormat.Json)
        {
            foreach (var reading in worst)
            {
                JsonLines.Write(CheckResult.ToJson(reading, state, probe: null));
            }

            return ExitCode.Fine;
        }

        var columns = TerminalWidth.Columns();
        var unreadable =
            listed.Unreadable + worst.Count(r => r.Status is not (ReadStatus.Ok or ReadStatus.NoAddressSpace));
        Console.WriteLine(HeaderText.Of(state, reader.ReleaseName, columns));
        Console.WriteLine(
            $"{listed.Processes} processes and kernel threads{UnreadableText.Of(unreadable)}; worst first:"
        );
        ProcessTable.Write(Console.Out, [.. worst.Select(reading => reading.ToReport())], columns);
        return ExitCode.Fine;
    }
}
