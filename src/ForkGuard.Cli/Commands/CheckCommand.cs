using System.CommandLine;
using ForkGuard.Api.Constraints;
using ForkGuard.Cli.Checking;
using ForkGuard.Cli.Output;
using ForkGuard.Kernel.Accounting;

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
                "Also map a chunk of that size without touching it, and print the kernel's answer (not in mode 2).",
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
            StandardError.WriteLine(
                "--probe is refused in mode 2: mapping would raise Committed_AS for every process on this machine"
            );
            return ExitCode.Usage;
        }

        var now = TimeProvider.System.GetUtcNow();
        state = OwnCharge.TakenOff(state, reader, proc, now);
        using var checker = new ProcessChecker(proc, state);
        var exit = ExitCode.Fine;
        var isFirst = true;
        foreach (var pid in pids)
        {
            var check = checker.Read(pid, now);
            ProbeResult? probe = wantsProbe ? ProbeResult.Of(check.Accounting) : null;
            if (output == OutputFormat.Json)
            {
                JsonLines.Write(CheckJson.Of(check, state, probe));
            }
            else
            {
                if (!isFirst)
                {
                    Console.WriteLine();
                }

                CheckText.Write(Console.Out, check, state, reader.ReleaseName, probe, TerminalWidth.WrapAt());
            }

            isFirst = false;
            exit = Math.Max(exit, ExitOf(check));
        }

        return exit;
    }

    internal static int ExitOf(ProcessCheck check) =>
        !check.Exists
            ? ExitCode.Unknown
            : check.Report.Verdict.Known switch
            {
                Verdict.CannotFork => ExitCode.AtRisk,
                Verdict.CanFork or Verdict.NotApplicable => ExitCode.Fine,
                _ => ExitCode.Unknown,
            };
}
