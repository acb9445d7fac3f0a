using System.CommandLine;
using ForkGuard.Cli.Commands;
using ForkGuard.Telemetry;

namespace ForkGuard.Cli.Kubectl;

/// <summary>The options of kubectl that every command takes.</summary>
internal sealed class KubectlOptions
{
    internal Option<string> Kubeconfig { get; } =
        new("--kubeconfig")
        {
            Description = "Path of the kubeconfig file.",
            HelpName = "FILE",
            Recursive = true,
        };

    internal Option<string> Context { get; } =
        new("--context")
        {
            Description = "Name of the kubeconfig context.",
            HelpName = "NAME",
            Recursive = true,
        };

    internal Option<string> Namespace { get; } =
        new("--namespace", "-n")
        {
            Description = "Namespace (default: that of the context).",
            HelpName = "NAME",
            Recursive = true,
        };

    internal void AddTo(RootCommand root)
    {
        root.Options.Add(Kubeconfig);
        root.Options.Add(Context);
        root.Options.Add(Namespace);
    }

    internal static Argument<string> Pod() => new("POD") { Description = "Name of the pod." };

    internal static Option<string> Output(string choices)
    {
        var option = CommandLine.ChoiceOption("--output", ["-o"], choices, "");
        option.Description = "Output format (default: text).";
        option.DefaultValueFactory = null;
        return option;
    }

    /// <summary>Connects, runs a command, and writes a failure to standard error.</summary>
    internal async Task<int> RunAsync(ParseResult result, Func<KubectlSession, Task<int>> command)
    {
        if (ClusterAccess.ConnectAsUser(result.GetValue(Kubeconfig), result.GetValue(Context)) is not { } connection)
        {
            return ExitCode.Unknown;
        }

        using var api = connection.Api;
        try
        {
            return await command(
                new KubectlSession(
                    new ClusterReader(api),
                    result.GetValue(Namespace) ?? connection.Namespace ?? "default",
                    PassedOn(result)
                )
            );
        }
        catch (ClusterException e)
        {
            StandardError.WriteLine(e.Message);
            return ExitCode.Unknown;
        }
    }

    private List<string> PassedOn(ParseResult result)
    {
        var words = new List<string>();
        foreach (var option in new[] { Kubeconfig, Context })
        {
            if (result.GetValue(option) is { } value)
            {
                words.Add($"{option.Name}={value}");
            }
        }

        return words;
    }
}

/// <summary>A connection for one command.</summary>
/// <param name="Reader">Reads objects.</param>
/// <param name="Namespace">Namespace that was given, or that of the context.</param>
/// <param name="Connection">Options by which kubectl reaches the same server.</param>
internal sealed record KubectlSession(ClusterReader Reader, string Namespace, IReadOnlyList<string> Connection);
