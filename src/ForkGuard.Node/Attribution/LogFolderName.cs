using System.Diagnostics.CodeAnalysis;
using ForkGuard.Api;

namespace ForkGuard.Node.Attribution;

/// <summary>Names of the kubelet's log folders (pkg/kubelet/kuberuntime, helpers.go and legacy.go).</summary>
internal static class LogFolderName
{
    private const int MaxName = 253;
    private const int MaxUid = 64;

    /// <summary><c>NAMESPACE_NAME_UID</c> below /var/log/pods: none of the three may hold a <c>_</c>.</summary>
    internal static bool TryParsePod(string name, [NotNullWhen(true)] out PodReference? pod)
    {
        pod = null;
        var parts = name.Split('_');
        if (parts.Length != 3 || !IsName(parts[0]) || !IsName(parts[1]) || parts[2].Length is 0 or > MaxUid)
        {
            return false;
        }

        pod = new PodReference
        {
            Namespace = parts[0],
            Name = parts[1],
            Uid = parts[2],
        };
        return true;
    }

    /// <summary><c>POD_NAMESPACE_CONTAINER-ID.log</c> below /var/log/containers.</summary>
    internal static bool TryParseContainer(string name, out string id, out string container)
    {
        id = "";
        container = "";
        if (!name.EndsWith(".log", StringComparison.Ordinal))
        {
            return false;
        }

        var parts = name[..^".log".Length].Split('_');
        var dash = parts.Length == 3 ? parts[2].LastIndexOf('-') : -1;
        if (dash <= 0 || !IsName(parts[0]) || !IsName(parts[1]))
        {
            return false;
        }

        id = parts[2][(dash + 1)..];
        container = parts[2][..dash];
        return id.Length > 0 && IsName(container);
    }

    // RFC 1123, as Kubernetes asks of every one of these names.
    private static bool IsName(string text) =>
        text.Length is > 0 and <= MaxName
        && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.');
}
