using System.CommandLine;
using ForkGuard.Cli.Output;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;

namespace ForkGuard.Cli.Commands;

/// <summary><c>forkguard check PID...</c>: the verdict for these processes.</summary>
internal static class CheckCommand
{
    internal static Command Create()
    {
        var pids = PidArgument.Create("Process ids.", ArgumentArity.OneOrMore);
        var output = CommandLine.OutputOption();
        var proc = CommandLine.ProcOption();
        var probe = new Option<bool>("--probe")
        {
            Description =
                "Also map a chunk of that size without touching it, and say what the kernel answered (not in mode 2).",
        };
        var command = new Command(
            "check",
            "Can these processes fork? Exit code 0: they can, 1: one cannot, 3: one is gone or unknown."
        )
        {
            pids,
            output,
            probe,
            proc,
        };
        command.SetAction(result =>
            Run(
                result.GetValue(pids) ?? [],
                result.GetValue(output),
                result.GetValue(probe),
                result.GetValue(proc) ?? "/proc"
            )
        );
        return command;
    }

    private static int Run(IReadOnlyList<int> pids, OutputFormat output, bool wantsProbe, string procPath)
    {
        if (!CommandLine.TryOpen(procPath, out var proc, out var reader, out var state))
        {
            return ExitCode.Unknown;
        }

        if (wantsProbe && state.Mode == OvercommitMode.Strict)
        {
            StandardError.WriteLine("--probe is refused in mode 2: mapping would raise Committed_AS for every process on this machine"
            );
            return ExitCode.Usage;
        }

        var inspector = new ProcessInspector(proc);
        var now = TimeProvider.System.GetUtcNow();
        state = OwnCharge.TakenOff(state, proc, now);
        var exit = ExitCode.Fine;
        var isFirst = true;
        foreach (var pid in pids)
        {
            var reading = inspector.Inspect(pid, state, state.Mode, levelPercent: 0, now);
            ProbeResult? probe = wantsProbe ? ProbeResult.Of(reading) : null;
            if (output == OutputFormat.Json)
            {
                JsonLines.Write(CheckResult.ToJson(reading, state, probe));
            }
            else
            {
                if (!isFirst)
                {
                    Console.WriteLine();
                }

                CheckText.Write(Console.Out, reading, state, reader.ReleaseName, probe, TerminalWidth.WrapAt());
            }

            isFirst = false;
            exit = Math.Max(exit, ExitOf(reading));
        }

        return exit;
    }

    private static int ExitOf(in ProcessReading reading) =>
        reading.Status == ReadStatus.Gone
            ? ExitCode.Unknown
            : reading.Assessment.Verdict switch
            {
                ForkVerdict.CannotFork => ExitCode.AtRisk,
                ForkVerdict.Unknown => ExitCode.Unknown,
                _ => ExitCode.Fine,
            };
}
