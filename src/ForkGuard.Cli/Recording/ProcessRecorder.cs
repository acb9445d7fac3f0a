using System.Globalization;
using System.Text;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Checks;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Cli.Recording;

/// <summary>
/// Copies the files that a check reads of one process: those of the process, of its cgroups and of the machine. Environment and
/// arguments of the process are in none of them.
/// </summary>
internal static class ProcessRecorder
{
    internal const string UnifiedFolder = "cgroup/unified";

    /// <summary>Files without which nothing can be evaluated.</summary>
    private static readonly string[] RequiredOfMachine =
    [
        "proc/meminfo",
        "proc/stat",
        "proc/sys/kernel/osrelease",
        "proc/sys/vm/overcommit_memory",
    ];

    private static readonly string[] OptionalOfMachine =
    [
        "filesystems",
        "loadavg",
        "vmstat",
        "zoneinfo",
        "sys/kernel/pid_max",
        "sys/kernel/threads-max",
        "sys/vm/admin_reserve_kbytes",
        "sys/vm/overcommit_kbytes",
        "sys/vm/overcommit_ratio",
        "sys/vm/swappiness",
        "sys/vm/user_reserve_kbytes",
    ];

    private static readonly string[] RequiredOfProcess =
    [
        "cgroup",
        "limits",
        "maps",
        "smaps",
        "stat",
        "statm",
        "status",
    ];
    private static readonly string[] OptionalOfProcess = ["oom_score_adj"];
    private static readonly string[] Namespaces = ["ns/pid", "ns/pid_for_children", "ns/user"];

    private static readonly string[] OfCgroup =
    [
        "memory.current",
        "memory.high",
        "memory.limit_in_bytes",
        "memory.max",
        "memory.memsw.limit_in_bytes",
        "memory.memsw.usage_in_bytes",
        "memory.min",
        "memory.oom.group",
        "memory.oom_control",
        "memory.stat",
        "memory.swap.current",
        "memory.swap.max",
        "memory.swappiness",
        "memory.usage_in_bytes",
        "pids.current",
        "pids.events",
        "pids.events.local",
        "pids.max",
    ];

    internal static IEnumerable<string> RequiredOf(int pid) =>
        [.. RequiredOfMachine, .. RequiredOfProcess.Select(name => NameOf(pid, name))];

    /// <summary>Copies the files and links. The facts are those of a check of the live process.</summary>
    /// <exception cref="IOException">A required file cannot be read: the process has ended, for one.</exception>
    /// <exception cref="UnauthorizedAccessException">A required file may not be read.</exception>
    internal static CheckRecord Record(ProcRoot proc, ForkCheckResult checks, RecordedFacts facts, DateTimeOffset now)
    {
        var pid = checks.Facts.Pid;
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var links = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in RequiredOf(pid))
        {
            files[name] = Encoding.Latin1.GetString(File.ReadAllBytes(PathOf(proc, name)));
        }

        foreach (
            var name in OptionalOfMachine
                .Select(name => $"proc/{name}")
                .Concat(OptionalOfProcess.Select(name => NameOf(pid, name)))
        )
        {
            AddIfReadable(files, name, PathOf(proc, name));
        }

        foreach (var name in Namespaces.Select(name => NameOf(pid, name)).Append("proc/self/ns/pid"))
        {
            if (new FileInfo(PathOf(proc, name)).LinkTarget is { } target)
            {
                links[name] = target;
            }
        }

        AddCgroups(files, checks.Facts.Pids.Cgroup, "pids", pid);
        AddCgroups(files, checks.Facts.Memory.Cgroup, "memory", pid);
        files[NameOf(pid, "cgroup")] = WithWholePaths(files[NameOf(pid, "cgroup")], checks.Facts);
        return new CheckRecord
        {
            Format = CheckRecord.CurrentFormat,
            ProgramVersion = typeof(ProcessRecorder).Assembly.GetName().Version?.ToString(3) ?? "",
            RecordedTime = now,
            Pid = pid,
            PageSize = ProcRoot.PageSize,
            Files = files,
            Links = links,
            Facts = facts,
        };
    }

    private static string NameOf(int pid, string name) =>
        string.Create(CultureInfo.InvariantCulture, $"proc/{pid}/{name}");

    private static string PathOf(ProcRoot proc, string name) => $"{proc.Path}{name["proc".Length..]}";

    private static void AddIfReadable(SortedDictionary<string, string> files, string name, string path)
    {
        try
        {
            files[name] = Encoding.Latin1.GetString(File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A file that this kernel does not have, or a cgroup that has no such limit.
        }
    }

    /// <summary>The files of a cgroup and of all above it.</summary>
    private static void AddCgroups(SortedDictionary<string, string> files, Cgroup? leaf, string controller, int pid)
    {
        for (var cgroup = leaf; cgroup is not null; cgroup = cgroup.Parent)
        {
            var mount = cgroup.IsUnified ? UnifiedFolder : $"cgroup/{controller}";
            var folder = cgroup.Parent is null ? mount : mount + cgroup.Path;
            foreach (var name in OfCgroup)
            {
                AddIfReadable(files, $"{folder}/{name}", $"{cgroup.DirectoryPath}/{name}");
            }

            // Readers recognize a hierarchy and its root by these files, and find the process in the leaf.
            files[$"{folder}/cgroup.procs"] = ReferenceEquals(cgroup, leaf)
                ? string.Create(CultureInfo.InvariantCulture, $"{pid}\n")
                : "";
            if (cgroup.Parent is null)
            {
                AddIfReadable(files, $"{folder}/cgroup.type", $"{cgroup.DirectoryPath}/cgroup.type");
                AddIfReadable(files, $"{folder}/release_agent", $"{cgroup.DirectoryPath}/release_agent");
                if (cgroup.IsUnified)
                {
                    files[$"{folder}/cgroup.controllers"] = "";
                }
            }
        }
    }

    /// <summary>Paths from the root of the hierarchy: those of /proc begin at the cgroup namespace of the reader.</summary>
    private static string WithWholePaths(string text, ProcessFacts facts)
    {
        var lines = text.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i].Split(':', 3) is not [var number, var controllers, _])
            {
                continue;
            }

            var names = controllers.Split(',');
            Cgroup? cgroup = null;
            if (names.Contains("pids", StringComparer.Ordinal))
            {
                cgroup = facts.Pids.Cgroup;
            }
            else if (names.Contains("memory", StringComparer.Ordinal))
            {
                cgroup = facts.Memory.Cgroup;
            }
            else if (number == "0")
            {
                cgroup =
                    facts.Pids.Cgroup is { IsUnified: true } pids ? pids
                    : facts.Memory.Cgroup is { IsUnified: true } memory ? memory
                    : null;
            }

            if (cgroup is not null)
            {
                lines[i] = $"{number}:{controllers}:{Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(cgroup.Path))}";
            }
        }

        return string.Join('\n', lines);
    }
}
