using ForkGuard.Api;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Node.Attribution;

/// <summary>
/// Names of pods and containers from the kubelet's log folders. They are listed only when something unknown is asked for,
/// and not again at once for what a listing did not have. Remembers only what is asked for. Not for several threads at once.
/// </summary>
internal sealed class PodNames(string podLogs, string containerLogs)
{
    internal const string PodLogs = "/var/log/pods";
    internal const string ContainerLogs = "/var/log/containers";

    private const int MaxRemembered = 1024;

    /// <summary>The kubelet makes the folders before a container starts, so that only a race or a missing mount waits.</summary>
    private static readonly TimeSpan AgainFor = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, PodReference> _pods = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _containers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _missing = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string?> _problems = new(StringComparer.Ordinal);

    /// <summary>The names that the kubelet of this machine gave; null where it has none, or where a copy of /proc is read.</summary>
    internal static PodNames? OfMachine(ProcRoot proc) =>
        proc.IsLive && Directory.Exists(PodLogs) ? new PodNames(PodLogs, ContainerLogs) : null;

    /// <summary>Times that a folder was listed.</summary>
    internal int Listings { get; private set; }

    /// <summary>Why a folder could not be listed the last time; null if all is well.</summary>
    internal string? Problem => _problems.Values.FirstOrDefault(problem => problem is not null);

    /// <summary>
    /// Looks up what is not known yet of these cgroups, in one listing of each folder at most.
    /// </summary>
    internal void Learn(IReadOnlyCollection<CgroupMembership> memberships, DateTimeOffset now)
    {
        if (_pods.Count + _containers.Count + _missing.Count > MaxRemembered)
        {
            _pods.Clear();
            _containers.Clear();
            _missing.Clear();
        }

        var pods = new HashSet<string>(StringComparer.Ordinal);
        var containers = new HashSet<string>(StringComparer.Ordinal);
        foreach (var pod in memberships.SelectMany(PodsOf))
        {
            pods.Add(pod.Uid);
            if (pod.ContainerId is { } id)
            {
                containers.Add(id);
            }
        }

        pods.RemoveWhere(uid => _pods.ContainsKey(uid));
        containers.RemoveWhere(id => _containers.ContainsKey(id));
        if (pods.Any(uid => IsDue(uid, now)))
        {
            List(
                podLogs,
                name =>
                {
                    if (LogFolderName.TryParsePod(name, out var pod) && pods.Remove(pod.Uid!))
                    {
                        _pods[pod.Uid!] = pod;
                        _missing.Remove(pod.Uid!);
                    }
                }
            );
            NoteMissing(pods, now);
        }

        if (containers.Any(id => IsDue(id, now)))
        {
            List(
                containerLogs,
                name =>
                {
                    if (LogFolderName.TryParseContainer(name, out var id, out var container) && containers.Remove(id))
                    {
                        _containers[id] = container;
                        _missing.Remove(id);
                    }
                }
            );
            NoteMissing(containers, now);
        }
    }

    /// <summary>
    /// The pod and the container of a process in a pod. Names that no folder has are empty (the pod's) or absent (the
    /// container's). Null for a process of the host.
    /// </summary>
    internal (PodReference Pod, ContainerReference? Container)? Of(in CgroupMembership membership)
    {
        if (!membership.IsInPod)
        {
            return null;
        }

        // On a node that runs in a pod of another cluster, the inner pod is the one that this node's kubelet knows.
        var cgroup = PodsOf(membership).FirstOrDefault(p => _pods.ContainsKey(p.Uid)) ?? membership.Pod;
        var pod =
            cgroup is not null && _pods.TryGetValue(cgroup.Uid, out var known)
                ? known
                : new PodReference
                {
                    Namespace = "",
                    Name = "",
                    Uid = cgroup?.Uid,
                };
        var container = cgroup?.ContainerId is { } id
            ? new ContainerReference { Id = id, Name = _containers.GetValueOrDefault(id) }
            : null;
        return (pod, container);
    }

    private static IEnumerable<PodCgroup> PodsOf(CgroupMembership membership) =>
        new[] { membership.Pod, membership.InnerPod }.OfType<PodCgroup>();

    private bool IsDue(string key, DateTimeOffset now) =>
        !_missing.TryGetValue(key, out var when) || now - when >= AgainFor || now < when;

    private void NoteMissing(HashSet<string> keys, DateTimeOffset now)
    {
        foreach (var key in keys)
        {
            _missing[key] = now;
        }
    }

    private void List(string folder, Action<string> take)
    {
        Listings++;
        try
        {
            foreach (var path in Directory.EnumerateFileSystemEntries(folder))
            {
                take(Path.GetFileName(path));
            }

            _problems[folder] = null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _problems[folder] = e.Message;
        }
    }
}
