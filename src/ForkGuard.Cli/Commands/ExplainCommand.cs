using System.CommandLine;
using ForkGuard.Cli.Checking;
using ForkGuard.Cli.Output;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;
using ForkGuard.Telemetry;

namespace ForkGuard.Cli.Commands;

/// <summary><c>forkguard explain PID|NAME</c>: limits and memory map as a picture in text.</summary>
internal static class ExplainCommand
{
    internal static Command Create()
    {
        var target = TargetArgument.Create("The process, by id or by name.", ArgumentArity.ExactlyOne);
        var output = CommandLine.OutputOption();
        var proc = CommandLine.ProcOption();
        var command = new ExampleCommand(
            "explain",
            "Draw the limits of this process and the memory that a fork would charge, to scale.",
            "explain 4711                         # a process by its id",
            "explain redis-server                 # a process by its name",
            "explain 4711 -o json                 # limits and all areas as JSON"
        )
        {
            target,
            output,
            proc,
        };
        command.SetAction(result =>
            Run(result.GetRequiredValue(target), result.GetValue(output), result.GetValue(proc) ?? "/proc")
        );
        return command;
    }

    private static int Run(IReadOnlyList<CommandTarget> target, OutputFormat output, string procPath)
    {
        if (!CommandLine.TryOpen(procPath, out var proc, out var reader, out var state))
        {
            return ExitCode.Unknown;
        }

        if (TargetFinder.Find(target, proc, out var exit) is not [var pid])
        {
            return exit;
        }

        var now = TimeProvider.System.GetUtcNow();
        state = OwnCharge.TakenOff(state, reader, proc, now);
        using var checker = new ProcessChecker(proc, state);
        var check = checker.Read(pid, now);
        var status = check.Exists ? Areas.TryRead(proc, pid, out var areas) : Gone(out areas);
        if (output == OutputFormat.Json)
        {
            JsonLines.Write(ExplainJson.Of(check, state, areas));
        }
        else
        {
            CheckText.Write(Console.Out, check, state, reader.ReleaseName, probe: null, TerminalWidth.WrapAt());
        }

        if (status != ReadStatus.Ok)
        {
            if (check.Exists)
            {
                StandardError.WriteLine($"{pid}: {ProblemText.Of(status)}");
            }

            return status == ReadStatus.NoAddressSpace ? ExitCode.Fine : ExitCode.Unknown;
        }

        if (output == OutputFormat.Text)
        {
            var columns = TerminalWidth.Columns();
            Console.WriteLine();
            LimitPicture.Write(Console.Out, check.Report.Constraints ?? [], columns);
            AreaPicture.Write(Console.Out, areas, state, columns);
        }

        return ExitCode.Fine;
    }

    private static ReadStatus Gone(out IReadOnlyList<Area> areas)
    {
        areas = [];
        return ReadStatus.Gone;
    }
}
