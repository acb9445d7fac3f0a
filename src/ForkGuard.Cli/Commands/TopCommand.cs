using System.CommandLine;
using ForkGuard.Cli.Checking;
using ForkGuard.Cli.Output;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Scanning;
using ForkGuard.Node.Scanning;

namespace ForkGuard.Cli.Commands;

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

        using var scanner = new NodeScanner(
            proc,
            reader,
            proc.IsLive ? new CgroupRoot(proc) : null,
            budget: ScanBudget.Unlimited
        );
        var now = TimeProvider.System.GetUtcNow();
        if (scanner.Scan(ReportSettings.Default, now, out var problem) is not { } scan)
        {
            StandardError.WriteLine(problem);
            return ExitCode.Unknown;
        }

        var worst = scanner.Worst(count, now);
        if (output == OutputFormat.Json)
        {
            foreach (var report in worst)
            {
                JsonLines.Write(ReportJson.Of(report, state));
            }

            return ExitCode.Fine;
        }

        var columns = TerminalWidth.WrapAt();
        var ofMachine = scan.Constraints.Where(ProcessRow.IsAtRisk);
        Console.WriteLine(HeaderText.Of(state, reader.ReleaseName, columns));
        Console.WriteLine(
            $"{scan.Scan.Processes} processes and kernel threads{UnreadableText.Of(scan.Scan.Unreadable)}; worst first:"
        );
        string[][] rows = [.. ofMachine.Select(ProcessRow.Cells), .. worst.Select(ProcessRow.Cells)];
        foreach (var line in ProcessTable.Lines(rows, columns))
        {
            Console.WriteLine(line);
        }

        return ExitCode.Fine;
    }
}
