using System.CommandLine;
using ForkGuard.Cli.Checking;
using ForkGuard.Cli.Output;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;

namespace ForkGuard.Cli.Commands;

/// <summary><c>forkguard explain PID</c>: the memory map as a picture in text.</summary>
internal static class ExplainCommand
{
    internal static Command Create()
    {
        var pid = PidArgument.Create("Process id.", ArgumentArity.ExactlyOne);
        var proc = CommandLine.ProcOption();
        var command = new Command("explain", "Show what a fork of this process would charge, to scale with the limit.")
        {
            pid,
            proc,
        };
        command.SetAction(result => Run(result.GetRequiredValue(pid)[0], result.GetValue(proc) ?? "/proc"));
        return command;
    }

    private static int Run(int pid, string procPath)
    {
        if (!CommandLine.TryOpen(procPath, out var proc, out var reader, out var state))
        {
            return ExitCode.Unknown;
        }

        var now = TimeProvider.System.GetUtcNow();
        state = OwnCharge.TakenOff(state, reader, proc, now);
        using var checker = new ProcessChecker(proc, state);
        var check = checker.Read(pid, now);
        CheckText.Write(Console.Out, check, state, reader.ReleaseName, probe: null, TerminalWidth.WrapAt());
        if (!check.Exists)
        {
            return ExitCode.Unknown;
        }

        var status = Areas.TryRead(proc, pid, out var areas);
        if (status is not ReadStatus.Ok)
        {
            StandardError.WriteLine($"{pid}: {ProblemText.Of(status)}");
            return status == ReadStatus.NoAddressSpace ? ExitCode.Fine : ExitCode.Unknown;
        }

        Console.WriteLine();
        AreaPicture.Write(Console.Out, areas, state, TerminalWidth.Columns());
        return ExitCode.Fine;
    }
}
