using System.Globalization;

namespace ForkGuard.Lab.Tests.Machine;

/// <summary>How the kubelet names cgroups.</summary>
internal enum CgroupDriver
{
    Systemd,
    Cgroupfs,
}

/// <summary>Cgroups of a guest as the kubelet and a container runtime make them.</summary>
internal sealed class CgroupTree
{
    private const string MountPoint = "/sys/fs/cgroup";

    private static readonly string[] Controllers = ["pids", "memory"];

    private readonly Guest _guest;
    private readonly bool _isUnified;
    private readonly List<string> _folders = [];
    private int _lastNumber;

    private CgroupTree(Guest guest, bool isUnified)
    {
        _guest = guest;
        _isUnified = isUnified;
    }

    /// <summary>The folder of each hierarchy.</summary>
    private IEnumerable<string> Hierarchies => _isUnified ? [MountPoint] : Controllers.Select(HierarchyOf);

    /// <summary>Mounts cgroup v2, or the controllers of v1 each in a hierarchy of its own.</summary>
    internal static async Task<CgroupTree> MountAsync(Guest guest, bool isUnified)
    {
        CgroupTree tree = new(guest, isUnified);
        if (isUnified)
        {
            await guest.MountAsync("cgroup2", MountPoint);
            await tree.EnableControllersAsync(MountPoint);
        }
        else
        {
            await guest.MountAsync("tmpfs", MountPoint);
            foreach (var controller in Controllers)
            {
                await guest.MountAsync("cgroup", HierarchyOf(controller), controller);
            }
        }

        return tree;
    }

    /// <summary>
    /// Creates the cgroups of a pod and its container. They lie below a cgroup of their own, as with the kubelet's
    /// <c>--cgroup-root</c>, so that a limit at any level bounds this pod alone.
    /// </summary>
    internal async Task<GuestContainer> AddAsync(CgroupDriver driver)
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
        var pod = "";
        foreach (var name in names)
        {
            pod += $"/{name}";
            await CreateAsync(pod);
            foreach (var hierarchy in _isUnified ? Hierarchies : [])
            {
                await EnableControllersAsync(hierarchy + pod);
            }
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
        _isUnified
            ? $"{MountPoint}{cgroup}/{name}"
            : $"{HierarchyOf(name.Split('.')[0])}{cgroup}/"
                + name switch
                {
                    "memory.max" => "memory.limit_in_bytes",
                    "memory.current" => "memory.usage_in_bytes",
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

    private Task EnableControllersAsync(string folder) =>
        _guest.WriteAsync($"{folder}/cgroup.subtree_control", string.Join(' ', Controllers.Select(c => $"+{c}")));

    private static string HierarchyOf(string controller) => $"{MountPoint}/{controller}";
}
