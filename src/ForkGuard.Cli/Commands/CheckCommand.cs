using System.CommandLine;
using ForkGuard.Api.Constraints;
using ForkGuard.Cli.Checking;
using ForkGuard.Cli.Output;
using ForkGuard.Cli.Recording;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Telemetry;

namespace ForkGuard.Cli.Commands;

/// <summary><c>forkguard check PID|NAME...</c>: the verdict for these processes.</summary>
internal static class CheckCommand
{
    internal static Command Create()
    {
        var targets = TargetArgument.Create("Processes, by id or by name.", ArgumentArity.ZeroOrMore);
        var output = CommandLine.OutputOption();
        var proc = CommandLine.ProcOption();
        var probe = new Option<bool>("--probe")
        {
            Description =
                "Also map a chunk of that size without touching it, and print the kernel's answer (not in mode 2).",
        };
        var pod = new Option<string>("--pod")
        {
            Description = "Every process of the pod with this uid.",
            HelpName = "UID",
        };
        var record = new Option<string>("--record")
        {
            Description =
                "Also save what was read of the process, its proc and cgroup files, for a bug report; - writes it in place of the answer.",
            HelpName = "FILE",
        };
        var replay = new Option<string>("--replay")
        {
            Description = "Evaluate a saved record in place of a process of this machine.",
            HelpName = "FILE",
        };
        var command = new ExampleCommand(
            "check",
            "Can these processes fork? Exit code 0: they can, 1: one cannot, 3: one is gone or unknown.",
            "check 4711                           # a process by its id",
            "check redis-server                   # a process by its name",
            "check 4711 4712 -o json              # one JSON object per line",
            "check 4711 --record report.json      # save what was read of it",
            "check --replay report.json           # evaluate that elsewhere"
        )
        {
            targets,
            output,
            probe,
            pod,
            record,
            replay,
            proc,
        };
        command.Validators.Add(result =>
        {
            var count = result.GetResult(targets)?.Tokens.Count ?? 0;
            var isPod = result.GetResult(pod) is not null;
            if (result.GetResult(replay) is not null)
            {
                if (count > 0 || isPod || result.GetResult(record) is not null || result.GetValue(probe))
                {
                    result.AddError("--replay may not be combined with a process, --pod, --record or --probe");
                }
            }
            else if (count == 0 && !isPod)
            {
                result.AddError(
                    $"a process must be given as {TargetArgument.HelpName}, a pod by --pod, or a record by --replay"
                );
            }
            else if (count > 0 && isPod)
            {
                result.AddError("--pod may not be combined with a process");
            }
            else if ((count > 1 || isPod) && result.GetResult(record) is not null)
            {
                result.AddError("--record saves one process, and more were given");
            }
        });
        command.SetAction(result =>
            Run(
                new CheckSettings(
                    result.GetValue(targets) ?? [],
                    result.GetValue(output),
                    result.GetValue(probe),
                    result.GetValue(pod),
                    result.GetValue(record),
                    result.GetValue(replay),
                    result.GetValue(proc) ?? "/proc"
                )
            )
        );
        return command;
    }

    private static int Run(CheckSettings settings)
    {
        if (settings.Replay is { } file)
        {
            return Replay(file, settings.Output);
        }

        if (!CommandLine.TryOpen(settings.Proc, out var proc, out var reader, out var state))
        {
            return ExitCode.Unknown;
        }

        if (settings.WantsProbe && state.Mode == OvercommitMode.Strict)
        {
            StandardError.WriteLine(
                "--probe is refused in mode 2: mapping would raise Committed_AS for every process on this machine"
            );
            return ExitCode.Usage;
        }

        var exit = ExitCode.Fine;
        var found = settings.Pod is { } uid
            ? TargetFinder.FindPod(uid, proc, out exit)
            : TargetFinder.Find(settings.Targets, proc, out exit);
        if (found is not { } pids)
        {
            return exit;
        }

        return settings.Record is { } path
            ? Record(path, pids[0], proc, reader, state, settings)
            : CheckAll(pids, proc, reader, state, settings);
    }

    private static int CheckAll(
        IReadOnlyList<int> pids,
        ProcRoot proc,
        KernelStateReader reader,
        KernelState state,
        CheckSettings settings
    )
    {
        var now = TimeProvider.System.GetUtcNow();
        state = OwnCharge.TakenOff(state, reader, proc, now);
        using var checker = new ProcessChecker(proc, state);
        var exit = ExitCode.Fine;
        for (var i = 0; i < pids.Count; i++)
        {
            if (i > 0 && settings.Output == OutputFormat.Text)
            {
                Console.WriteLine();
            }

            var run = new CheckRun(checker.Read(pids[i], now), state, reader.ReleaseName);
            exit = Math.Max(exit, Write(run, settings.Output, settings.WantsProbe));
        }

        return exit;
    }

    private static int Record(
        string path,
        int pid,
        ProcRoot proc,
        KernelStateReader reader,
        in KernelState state,
        CheckSettings settings
    )
    {
        if (CheckRun.Record(proc, reader, state, pid) is not { } record)
        {
            return ExitCode.Unknown;
        }

        if (path == "-")
        {
            using var output = Console.OpenStandardOutput();
            RecordFile.Write(output, record);
            return ExitCode.Fine;
        }

        if (CheckRun.Replay(record) is not { } run)
        {
            return ExitCode.Unknown;
        }

        // The answer is that of the record: a replay gives the same.
        RecordFile.Write(path, record);
        return Write(run, settings.Output, settings.WantsProbe);
    }

    private static int Replay(string file, OutputFormat output)
    {
        if (RecordFile.TryRead(file, out var problem) is not { } record)
        {
            StandardError.WriteLine($"--replay: {Api.PrintableText.Escape(file)}: {problem}");
            return ExitCode.Usage;
        }

        return CheckRun.Replay(record) is { } run ? Write(run, output, wantsProbe: false) : ExitCode.Unknown;
    }

    private static int Write(in CheckRun run, OutputFormat output, bool wantsProbe)
    {
        ProbeResult? probe = wantsProbe ? ProbeResult.Of(run.Check.Accounting) : null;
        if (output == OutputFormat.Json)
        {
            JsonLines.Write(CheckJson.Of(run.Check, run.State, probe));
        }
        else
        {
            CheckText.Write(Console.Out, run.Check, run.State, run.Release, probe, TerminalWidth.WrapAt());
        }

        return ExitOf(run.Check);
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

/// <summary>The values of a command line.</summary>
internal sealed record CheckSettings(
    IReadOnlyList<CommandTarget> Targets,
    OutputFormat Output,
    bool WantsProbe,
    string? Pod,
    string? Record,
    string? Replay,
    string Proc
);
