using System.Globalization;

namespace ForkGuard.Lab.Tests.Machine;

/// <summary>How the kubelet names cgroups.</summary>
internal enum CgroupDriver
{
    Systemd,
    Cgroupfs,
}

/// <summary>Version of cgroups that a guest has.</summary>
public enum CgroupVersion
{
    V1,
    V2,

    /// <summary>The memory controller of v1, and all others of v2 in <c>unified</c>.</summary>
    Hybrid,
}

/// <summary>Cgroups of a guest as the kubelet and a container runtime make them.</summary>
internal sealed class CgroupTree
{
    private const string MountPoint = "/sys/fs/cgroup";

    private const string Memory = "memory";

    private static readonly string[] Controllers = ["pids", Memory];

    private readonly Guest _guest;
    private readonly CgroupVersion _version;
    private readonly List<string> _folders = [];
    private int _lastNumber;

    private CgroupTree(Guest guest, CgroupVersion version)
    {
        _guest = guest;
        _version = version;
    }

    /// <summary>The folder of each hierarchy.</summary>
    private IEnumerable<string> Hierarchies => Controllers.Select(HierarchyOf).Distinct(StringComparer.Ordinal);

    /// <summary>The controllers of v2.</summary>
    private IEnumerable<string> UnifiedControllers => Controllers.Where(IsUnified);

    /// <summary>Mounts the hierarchies; each controller of v1 has its own.</summary>
    internal static async Task<CgroupTree> MountAsync(Guest guest, CgroupVersion version)
    {
        CgroupTree tree = new(guest, version);
        if (version != CgroupVersion.V2)
        {
            await guest.MountAsync("tmpfs", MountPoint);
        }

        foreach (var controller in Controllers.Where(controller => !tree.IsUnified(controller)))
        {
            await guest.MountAsync("cgroup", tree.HierarchyOf(controller), controller);
        }

        foreach (var folder in tree.UnifiedControllers.Select(tree.HierarchyOf).Distinct(StringComparer.Ordinal))
        {
            await guest.MountAsync("cgroup2", folder);
            await tree.EnableControllersAsync(folder);
        }

        return tree;
    }

    /// <summary>
    /// Creates the cgroups of a pod and its container. They lie below a cgroup of their own, as with the kubelet's
    /// <c>--cgroup-root</c>, so that a limit at any level bounds this pod alone.
    /// </summary>
    /// <param name="driver">How the kubelet names the cgroups.</param>
    /// <param name="outer">A container in whose cgroup all of them lie, as on a node that is a container; null for none.</param>
    internal async Task<GuestContainer> AddAsync(CgroupDriver driver, GuestContainer? outer = null)
    {
        var number = ++_lastNumber;
        var uid = string.Create(CultureInfo.InvariantCulture, $"6f9c1d2e-0000-4000-8000-{number:x12}");
        string[] names =
        [
            string.Create(CultureInfo.InvariantCulture, $"lab{number}"),
            .. driver == CgroupDriver.Systemd
                ? (string[])
                    [
                        "kubepods.slice",
                        "kubepods-burstable.slice",
                        $"kubepods-burstable-pod{uid.Replace('-', '_')}.slice",
                    ]
                : ["kubepods", "burstable", $"pod{uid}"],
        ];
        var pod = outer?.PathOf(CgroupLevel.Container) ?? "";
        if (outer is not null)
        {
            await EnableControllersBelowAsync(pod);
        }

        foreach (var name in names)
        {
            pod += $"/{name}";
            await CreateAsync(pod);
            await EnableControllersBelowAsync(pod);
        }

        return await AddContainerAsync(driver, pod);
    }

    /// <summary>Creates the cgroup of another container of the same pod.</summary>
    internal Task<GuestContainer> AddSiblingAsync(GuestContainer container) =>
        AddContainerAsync(container.Driver, container.PathOf(CgroupLevel.Pod));

    /// <summary>Creates the cgroup of a systemd unit that belongs to no pod.</summary>
    internal async Task<GuestContainer> AddServiceAsync()
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"/lab{++_lastNumber}.service");
        await CreateAsync(path);
        return new(_guest, this, CgroupDriver.Systemd, path);
    }

    /// <summary>Creates a cgroup inside that of a container, for the processes that a node in it has besides its pods.</summary>
    internal async Task<string> AddInitAsync(GuestContainer outer)
    {
        var path = $"{outer.PathOf(CgroupLevel.Container)}/init";
        await CreateAsync(path);
        return path;
    }

    /// <summary>Removes all that was added, once no process is left there.</summary>
    internal async Task RemoveAllAsync()
    {
        foreach (var folder in Enumerable.Reverse(_folders).ToList())
        {
            await _guest.RemoveFolderAsync(folder);
            _folders.Remove(folder);
        }
    }

    /// <summary>The steps of init that join a cgroup in every hierarchy.</summary>
    internal IEnumerable<string> StepsInto(string cgroup) => Hierarchies.Select(hierarchy => $"in {hierarchy}{cgroup}");

    /// <summary>The path of a file that has the name of cgroup v2.</summary>
    internal string FileOf(string cgroup, string name) =>
        $"{HierarchyOf(ControllerOf(name))}{cgroup}/"
        + name switch
        {
            "memory.max" when !IsUnified(ControllerOf(name)) => "memory.limit_in_bytes",
            "memory.current" when !IsUnified(ControllerOf(name)) => "memory.usage_in_bytes",
            _ => name,
        };

    private async Task<GuestContainer> AddContainerAsync(CgroupDriver driver, string pod)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"{++_lastNumber:x64}");
        var path = driver == CgroupDriver.Systemd ? $"{pod}/cri-containerd-{id}.scope" : $"{pod}/{id}";
        await CreateAsync(path);
        return new(_guest, this, driver, path);
    }

    private async Task CreateAsync(string cgroup)
    {
        foreach (var folder in Hierarchies.Select(hierarchy => hierarchy + cgroup))
        {
            await _guest.MakeFolderAsync(folder);
            _folders.Add(folder);
        }
    }

    /// <summary>Lets the cgroups below have controllers of v2.</summary>
    private async Task EnableControllersBelowAsync(string cgroup)
    {
        foreach (var folder in UnifiedControllers.Select(HierarchyOf).Distinct(StringComparer.Ordinal))
        {
            await EnableControllersAsync(folder + cgroup);
        }
    }

    private Task EnableControllersAsync(string folder) =>
        _guest.WriteAsync(
            $"{folder}/cgroup.subtree_control",
            string.Join(' ', UnifiedControllers.Select(c => $"+{c}"))
        );

    private bool IsUnified(string controller) =>
        _version == CgroupVersion.V2 || (_version == CgroupVersion.Hybrid && controller != Memory);

    private string HierarchyOf(string controller) =>
        _version == CgroupVersion.V2 ? MountPoint
        : IsUnified(controller) ? $"{MountPoint}/unified"
        : $"{MountPoint}/{controller}";

    private static string ControllerOf(string file) => file.Split('.')[0];
}
