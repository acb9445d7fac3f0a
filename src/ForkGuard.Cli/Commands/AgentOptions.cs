using System.CommandLine;
using System.Net;
using ForkGuard.Api;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Node.Attribution;
using ForkGuard.Telemetry;

namespace ForkGuard.Cli.Commands;

/// <summary>The options of <c>forkguard agent</c>.</summary>
internal sealed class AgentOptions
{
    private const string NodeNameVariable = "NODE_NAME";
    private const string TextFormat = "text";
    private const string JsonFormat = "json";
    private static readonly IPEndPoint DefaultEndpoint = new(IPAddress.Any, 8080);

    private readonly Option<string> _nodeName = new("--node-name")
    {
        Description = $"The node's name, which is its report's too (default: the environment's {NodeNameVariable}).",
        HelpName = "NAME",
    };

    private readonly Option<string> _kubeconfig = new("--kubeconfig")
    {
        Description =
            "How to reach the API server (default: the pod's service account, then KUBECONFIG, then ~/.kube/config).",
        HelpName = "FILE",
    };

    private readonly Option<IPEndPoint?> _listen = CreateListen();

    private readonly Option<string> _podLogs = Folder(
        "--pod-logs",
        PodNames.PodLogs,
        "The kubelet's log folders of pods, whose names are the pods'"
    );

    private readonly Option<string> _containerLogs = Folder(
        "--container-logs",
        PodNames.ContainerLogs,
        "The kubelet's links to logs, whose names are the containers'"
    );

    private readonly Option<string> _cgroupRoot = new("--cgroup-root")
    {
        Description =
            "The cgroup file systems of the node (default /host/sys/fs/cgroup if that exists, otherwise /sys/fs/cgroup).",
        HelpName = "DIR",
    };

    private readonly Option<bool> _kernelLog = new("--kernel-log")
    {
        Description = "Report the refused forks that the kernel's log shows. Takes CAP_SYSLOG.",
    };

    private readonly Option<string> _logFormat = CreateLogFormat();

    private readonly Option<string> _proc = CommandLine.ProcOption();

    internal IEnumerable<Option> All =>
        [_nodeName, _kubeconfig, _listen, _podLogs, _containerLogs, _cgroupRoot, _kernelLog, _logFormat, _proc];

    /// <summary>The values of a command line; null, and an error on standard error, without a valid node name.</summary>
    internal AgentSettings? Read(ParseResult result)
    {
        var given = result.GetValue(_nodeName);
        var name = given ?? Environment.GetEnvironmentVariable(NodeNameVariable);
        if (string.IsNullOrEmpty(name))
        {
            StandardError.WriteLine(
                $"the node's name is not known: give --node-name, or set {NodeNameVariable} from the pod's field spec.nodeName"
            );
            return null;
        }

        if (!IsNodeName(name))
        {
            var where = given is null ? NodeNameVariable : "--node-name";
            StandardError.WriteLine(
                $"{where} is {PrintableText.Quote(name)}, which no node can be called: lower-case letters, digits, '-' and '.' only, at most 253"
            );
            return null;
        }

        return new AgentSettings(
            name,
            result.GetValue(_kubeconfig),
            result.GetValue(_listen) ?? DefaultEndpoint,
            result.GetRequiredValue(_podLogs),
            result.GetRequiredValue(_containerLogs),
            result.GetValue(_cgroupRoot) ?? CgroupRoot.DefaultPath,
            result.GetValue(_kernelLog),
            result.GetRequiredValue(_logFormat) == JsonFormat,
            result.GetValue(_proc) ?? "/proc"
        );
    }

    // RFC 1123, as Kubernetes asks of a node; it becomes part of a path.
    private static bool IsNodeName(string name) =>
        name.Length <= 253
        && char.IsAsciiLetterOrDigit(name[0])
        && char.IsAsciiLetterOrDigit(name[^1])
        && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.');

    private static Option<string> Folder(string name, string path, string description) =>
        new(name)
        {
            Description = $"{description} (default {path}).",
            HelpName = "DIR",
            DefaultValueFactory = _ => path,
        };

    private static Option<string> CreateLogFormat() =>
        new("--log-format")
        {
            Description = "Format of the log: text, or json for one object a line (default text).",
            HelpName = "FORMAT",
            DefaultValueFactory = _ => TextFormat,
            CustomParser = result =>
            {
                var word = result.Tokens[0].Value;
                if (word is not (TextFormat or JsonFormat))
                {
                    result.AddError($"--log-format is {PrintableText.Quote(word)} but must be text or json");
                }

                return word;
            },
        };

    private static Option<IPEndPoint?> CreateListen()
    {
        var option = ListenOption.Create($"Address of /healthz, /readyz and /metrics (default {DefaultEndpoint}).");
        option.DefaultValueFactory = _ => DefaultEndpoint;
        return option;
    }
}

/// <summary>Options of the command line.</summary>
internal sealed record AgentSettings(
    string NodeName,
    string? Kubeconfig,
    IPEndPoint Listen,
    string PodLogs,
    string ContainerLogs,
    string CgroupRoot,
    bool KernelLog,
    bool IsJsonLog,
    string Proc
);
