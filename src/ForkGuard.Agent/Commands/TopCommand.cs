using System.CommandLine;
using System.Text.Json;
using ForkGuard.Agent.Output;
using ForkGuard.Agent.Readings;
using ForkGuard.Api;
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
        var statistics = sieve.List();
        var processes = sieve
            .Worst(state, state.Mode, count, WatchDefaults.ReportAtPercent, now)
            .Select(reading => reading.ToReport())
            .ToList();
        if (output == OutputFormat.Json)
        {
            foreach (var process in processes)
            {
                JsonLines.Write(JsonSerializer.SerializeToNode(process, ApiJson.Default.ProcessReport)!.AsObject());
            }

            return ExitCode.Fine;
        }

        Console.WriteLine(HeaderText.Of(state, reader.ReleaseName, TerminalWidth.Columns()));
        Console.WriteLine($"{statistics} processes and kernel threads; worst first:");
        PlainTable.Write(
            Console.Out,
            ProcessRow.Headings,
            [.. processes.Select(ProcessRow.Cells)],
            TerminalWidth.Columns()
        );
        return ExitCode.Fine;
    }
}
