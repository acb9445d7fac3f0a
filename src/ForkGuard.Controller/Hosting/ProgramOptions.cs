using System.CommandLine;
using System.Globalization;
using System.Net;
using ForkGuard.Policy.Restarts;

namespace ForkGuard.Controller.Hosting;

/// <summary>The words of the command line.</summary>
internal sealed class ProgramOptions
{
    private const string TextFormat = "text";
    private const string JsonFormat = "json";

    private readonly Option<FileInfo?> _kubeconfig = new("--kubeconfig")
    {
        Description =
            "Kubeconfig of the API server; by default the pod's service account, KUBECONFIG or ~/.kube/config.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _namespace = new("--namespace")
    {
        Description = "The namespace of the lease; without it that of POD_NAMESPACE or of the service account.",
        HelpName = "NAME",
    };

    private readonly Option<IPEndPoint> _listen = new("--listen")
    {
        Description = "Where /healthz, /readyz and /metrics are served.",
        HelpName = "ADDRESS:PORT",
        DefaultValueFactory = _ => new IPEndPoint(IPAddress.Any, 8080),
        CustomParser = result =>
        {
            if (!IPEndPoint.TryParse(result.Tokens[0].Value, out var endpoint) || endpoint.Port == 0)
            {
                result.AddError(
                    $"--listen is '{result.Tokens[0].Value}' but must be an address and a port, such as 0.0.0.0:8080"
                );
            }

            return endpoint;
        },
    };

    private readonly Option<int> _perNode = Number(
        "--max-restarts-per-node",
        "Restarts in progress on one node at once, over all watches.",
        RestartBudget.Default.MaxPerNode
    );

    private readonly Option<int> _perZone = Number(
        "--max-restarts-per-zone",
        "Restarts in progress in one zone at once, over all watches.",
        RestartBudget.Default.MaxPerZone
    );

    private readonly Option<int> _inCluster = Number(
        "--max-restarts-in-cluster",
        "Restarts in progress in the cluster at once; one namespace has at most half of it.",
        RestartBudget.Default.MaxInCluster
    );

    private readonly Option<bool> _dryRun = new("--dry-run")
    {
        Description = "Record what would be restarted, and restart nothing.",
    };

    private readonly Option<string> _logFormat = new("--log-format")
    {
        Description = "Format of the log: text, or json for one object a line.",
        HelpName = "FORMAT",
        DefaultValueFactory = _ => TextFormat,
        CustomParser = result =>
        {
            var word = result.Tokens[0].Value;
            if (word is not (TextFormat or JsonFormat))
            {
                result.AddError($"--log-format is '{word}' but must be text or json");
            }

            return word;
        },
    };

    internal void AddTo(Command command)
    {
        command.Add(_kubeconfig);
        command.Add(_namespace);
        command.Add(_listen);
        command.Add(_perNode);
        command.Add(_perZone);
        command.Add(_inCluster);
        command.Add(_dryRun);
        command.Add(_logFormat);
    }

    internal Settings Read(ParseResult parsed) =>
        new(
            parsed.GetValue(_kubeconfig),
            parsed.GetValue(_namespace),
            parsed.GetValue(_listen)!,
            new RestartBudget(parsed.GetValue(_perNode), parsed.GetValue(_perZone), parsed.GetValue(_inCluster)),
            parsed.GetValue(_dryRun),
            parsed.GetValue(_logFormat) == JsonFormat
        );

    private static Option<int> Number(string name, string description, int whenAbsent) =>
        new(name)
        {
            Description = description,
            HelpName = "N",
            DefaultValueFactory = _ => whenAbsent,
            CustomParser = result =>
            {
                var word = result.Tokens[0].Value;
                if (!int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var value) || value < 1)
                {
                    result.AddError($"{name} is '{word}' but must be a whole number from 1 on");
                }

                return value;
            },
        };
}

/// <summary>Options of the command line.</summary>
internal sealed record Settings(
    FileInfo? Kubeconfig,
    string? Namespace,
    IPEndPoint Listen,
    RestartBudget Budget,
    bool DryRun,
    bool IsJsonLog
);
