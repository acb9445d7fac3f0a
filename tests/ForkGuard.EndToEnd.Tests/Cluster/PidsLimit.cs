using System.Globalization;
using System.Text.Json.Nodes;

namespace ForkGuard.EndToEnd.Tests.Cluster;

/// <summary>The pids limit of a pod's cgroup, which a kubelet sets by podPidsLimit (cgroup v1: the machine of these tests has that).</summary>
internal sealed class PidsLimit
{
    private const string Root = "/sys/fs/cgroup/pids";
    private const string Controller = ":pids:";

    private readonly string _cgroup;

    private PidsLimit(string cgroup) => _cgroup = cgroup;

    public static async Task<PidsLimit> OfPodAsync(string ns, string pod, CancellationToken cancellationToken)
    {
        JsonNode found = (await Installation.FindAsync(ns, "pod", pod, cancellationToken))!;
        string uid = (string)found["metadata"]!["uid"]!;
        return new(
            Directory
                .EnumerateDirectories("/proc")
                .Where(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0]))
                .Select(folder => FolderOf(folder, uid))
                .OfType<string>()
                .First()
        );
    }

    /// <summary>Lets the pod have no more tasks than it has now: the next fork gets EAGAIN.</summary>
    public void SetToUsage() => Write(File.ReadAllText(Path.Combine(_cgroup, "pids.current")).Trim());

    public void Remove() => Write("max");

    private void Write(string limit) => File.WriteAllText(Path.Combine(_cgroup, "pids.max"), limit);

    /// <summary>The folder of the pod's own cgroup, which holds those of its containers; null for a process of another pod.</summary>
    private static string? FolderOf(string process, string uid)
    {
        string? line = Read(Path.Combine(process, "cgroup"))
            .Split('\n')
            .FirstOrDefault(line => line.Contains(Controller, StringComparison.Ordinal));
        // The systemd driver writes the uid with underscores.
        string path = line?.Split(':', 3)[2].Replace('_', '-') ?? "";
        int at = path.IndexOf(uid, StringComparison.Ordinal);
        if (at < 0)
        {
            return null;
        }

        int end = path.IndexOf('/', at);
        string original = line!.Split(':', 3)[2];
        return string.Create(CultureInfo.InvariantCulture, $"{Root}{(end < 0 ? original : original[..end])}");
    }

    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (IOException)
        {
            // The process ended meanwhile.
            return "";
        }
    }
}
