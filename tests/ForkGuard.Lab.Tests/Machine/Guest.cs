using System.Globalization;
using ForkGuard.Testing;

namespace ForkGuard.Lab.Tests.Machine;

/// <summary>A running kernel and what is asked of it. One request at a time.</summary>
public sealed class Guest
{
    private const string Spinner = "spinner";
    private const string Swapoff = "swapoff";

    private readonly VirtualMachine _machine;
    private readonly List<string> _running = [];
    private long? _userReserve;
    private long? _maxThreads;
    private long? _maxPid;
    private int _lastKey;

    internal Guest(VirtualMachine machine) => _machine = machine;

    internal async Task SetAsync(string setting, long value) =>
        Demand(
            await _machine.AskAsync(string.Create(CultureInfo.InvariantCulture, $"write /proc/sys/{setting} {value}"))
        );

    internal async Task<long> GetAsync(string setting) =>
        long.Parse((await _machine.AskAsync($"cat /proc/sys/{setting}"))[1], CultureInfo.InvariantCulture);

    /// <summary>The text of a file.</summary>
    internal async Task<string> ReadAsync(string path)
    {
        var answer = await _machine.AskAsync($"cat {path}");
        Assert.True(answer[0] == "text", $"{path}: {answer[0]}");
        return string.Join('\n', answer.Skip(1)).Trim();
    }

    internal async Task WriteAsync(string path, string text)
    {
        var answer = await _machine.AskAsync($"write {path} {text}");
        Assert.True(answer is ["ok 0"], $"{path}: {text}: {answer[0]}");
    }

    internal async Task MountAsync(string type, string folder, string options = "") =>
        Demand(await _machine.AskAsync($"mount {type} {folder} {options}".TrimEnd()));

    internal async Task MakeFolderAsync(string path) => Demand(await _machine.AskAsync($"mkdir {path}"));

    /// <summary>Waits until the folder can be removed: a cgroup is in use until its last process has ended.</summary>
    internal Task RemoveFolderAsync(string path) =>
        Condition.HoldsAsync(
            async _ => await _machine.AskAsync($"rmdir {path}") is ["ok 0"],
            $"{path} can be removed",
            within: TimeSpan.FromMinutes(1)
        );

    /// <summary>Sets RLIMIT_NPROC of a process that runs.</summary>
    internal async Task LimitTasksAsync(GuestVictim victim, long tasks) =>
        Demand(await _machine.AskAsync(string.Create(CultureInfo.InvariantCulture, $"limit {victim.Pid} {tasks}")));

    /// <summary>Sets the time of day forward.</summary>
    internal async Task AdvanceClockAsync(int seconds) =>
        Demand(await _machine.AskAsync(string.Create(CultureInfo.InvariantCulture, $"clock {seconds}")));

    internal Task SetModeAsync(int mode) => SetAsync("vm/overcommit_memory", mode);

    /// <summary>/proc/meminfo in pages.</summary>
    internal async Task<IReadOnlyDictionary<string, long>> MeminfoAsync()
    {
        var lines = await _machine.AskAsync("cat /proc/meminfo");
        return lines
            .Select(line => line.Split([':', ' '], StringSplitOptions.RemoveEmptyEntries))
            .Where(words => words is [_, _, "kB"])
            .ToDictionary(
                words => words[0],
                words => long.Parse(words[1], CultureInfo.InvariantCulture) / 4,
                StringComparer.Ordinal
            );
    }

    internal async Task<TimeSpan> UptimeAsync()
    {
        var words = (await _machine.AskAsync("cat /proc/uptime"))[1].Split(' ');
        return TimeSpan.FromSeconds(double.Parse(words[0], CultureInfo.InvariantCulture));
    }

    /// <summary>MemTotal + SwapTotal in pages: what one mapping may have in mode 0.</summary>
    internal async Task<long> LimitAsync()
    {
        var memory = await MeminfoAsync();
        return memory["MemTotal"] + memory["SwapTotal"];
    }

    /// <summary>Slots of the swap area that are in use or that a CPU holds, in pages.</summary>
    internal async Task<long> SwapInUseAsync()
    {
        var memory = await MeminfoAsync();
        return memory["SwapTotal"] - memory["SwapFree"];
    }

    /// <summary>A mapping of init's of so many pages, which takes from what mode 2 grants to all.</summary>
    internal async Task SetBallastAsync(long pages) =>
        Demand(await _machine.AskAsync(string.Create(CultureInfo.InvariantCulture, $"ballast {pages}")));

    internal async Task<string[]> RunAsync(params string[] words) =>
        await _machine.AskAsync($"run {string.Join(' ', words)}");

    /// <summary>Starts a victim as root, <c>nobody</c>, <c>nocap</c> or root of a <c>userns</c>.</summary>
    internal Task<GuestVictim> StartAsync(string arguments, string identity = "root") =>
        StartAsync(arguments, identity, identity == "root" ? [] : [$"as {identity}"]);

    /// <summary>Starts a victim behind steps of init, such as <c>limit 3</c>: see tests/lab/README.md.</summary>
    internal async Task<GuestVictim> StartAsync(
        string arguments,
        string identity,
        IEnumerable<string> steps,
        string program = Initramfs.Victim
    )
    {
        var key = NextKey();
        await SpawnAsync(
            key,
            string.Concat(steps.Select(step => $"{Initramfs.Init} {step} ")) + $"{program} {arguments}"
        );
        return new(_machine, key, arguments, identity, await LineAsync(key));
    }

    /// <summary>Starts a forker: see tests/forker.</summary>
    internal async Task<GuestVictim> StartForkerAsync()
    {
        var key = NextKey();
        var pid = await SpawnAsync(key, Initramfs.Forker);
        return new(_machine, key, "forker", "root", string.Create(CultureInfo.InvariantCulture, $"ready {pid} 0 0"));
    }

    /// <summary>Starts a saver behind steps of init.</summary>
    internal async Task<GuestSaver> StartSaverAsync(IEnumerable<string> steps)
    {
        var key = NextKey();
        var progress = $"/tmp/{key}";
        var pid = await SpawnAsync(
            key,
            string.Concat(steps.Select(step => $"{Initramfs.Init} {step} ")) + $"{Initramfs.Saver} {progress}"
        );
        var ready = string.Create(CultureInfo.InvariantCulture, $"ready {pid} 0 0");
        return new(this, new(_machine, key, "saver", "root", ready), progress);
    }

    /// <summary>What it answers to a line, and what the kernel logged meanwhile about memory.</summary>
    internal Task<string[]> TellAsync(string key, string line) => _machine.AskAsync($"tell {key} {line}");

    internal Task EndAsync(GuestVictim victim) => EndAsync(victim.Key);

    /// <summary>Starts a program; returns its pid.</summary>
    internal async Task<int> SpawnAsync(string key, string words)
    {
        var answer = await _machine.AskAsync($"spawn {key} {words}");
        Assert.True(answer[0].StartsWith("pid ", StringComparison.Ordinal), $"{words}: {answer[0]}");
        _running.Add(key);
        return int.Parse(answer[0]["pid ".Length..], CultureInfo.InvariantCulture);
    }

    internal async Task<string> LineAsync(string key) => (await _machine.AskAsync($"line {key}"))[0];

    internal async Task EndAsync(string key)
    {
        _running.Remove(key);
        await _machine.AskAsync($"end {key}");
    }

    /// <summary>Makes RAM disks of 64 MiB each, <c>/dev/ram0</c> and further ones.</summary>
    internal async Task LoadRamDisksAsync()
    {
        var loaded = await _machine.AskAsync($"insmod {Initramfs.RamDisk} rd_size=65536");
        Assert.True(loaded is ["ok 0"] or ["errno 17"], loaded[0]);
    }

    /// <summary>A RAM disk of 64 MiB becomes swap.</summary>
    internal async Task BeginSwapAsync()
    {
        await LoadRamDisksAsync();
        Demand(await _machine.AskAsync("swapon /dev/ram0"));
    }

    /// <summary>
    /// Starts a swapoff that stays under way until <see cref="FinishSwapoffAsync"/>: it runs only while the first processor
    /// has nothing else to do, and a spinning program sees to that. Returns once the kernel has stopped counting the swap.
    /// </summary>
    internal async Task BeginSwapoffAsync()
    {
        var limit = (await MeminfoAsync())["CommitLimit"];
        await SpawnAsync(Spinner, $"{Initramfs.Init} spin");
        Assert.Equal("spinning", await LineAsync(Spinner));
        await SpawnAsync(Swapoff, $"{Initramfs.Init} swapoff /dev/ram0");
        await Condition.HoldsAsync(
            async _ => (await MeminfoAsync())["CommitLimit"] < limit,
            "swapoff has begun",
            within: TimeSpan.FromMinutes(2)
        );
    }

    internal async Task FinishSwapoffAsync()
    {
        await EndAsync(Spinner);
        Assert.Equal("swapoff 0", await LineAsync(Swapoff));
        await EndAsync(Swapoff);
    }

    internal async Task EndSwapAsync() => Demand(await _machine.AskAsync("swapoff /dev/ram0"));

    /// <summary>As it was after boot, whatever a test that failed has left.</summary>
    internal async Task ResetAsync()
    {
        // At the limit of threads or pids even init starts nothing.
        await SetAsync("kernel/pid_max", _maxPid ??= await GetAsync("kernel/pid_max"));
        await SetAsync("kernel/threads-max", _maxThreads ??= await GetAsync("kernel/threads-max"));
        foreach (var key in _running.ToList())
        {
            await EndAsync(key);
        }

        await SetBallastAsync(0);
        await SetModeAsync(0);
        await SetAsync("vm/overcommit_ratio", 50);
        await SetAsync("vm/nr_hugepages", 0);
        await SetAsync("vm/user_reserve_kbytes", _userReserve ??= await GetAsync("vm/user_reserve_kbytes"));
        if ((await MeminfoAsync())["SwapTotal"] > 0)
        {
            await EndSwapAsync();
        }
    }

    private string NextKey() => string.Create(CultureInfo.InvariantCulture, $"v{++_lastKey}");

    internal static void Demand(string[] answer) => Assert.Equal(["ok 0"], answer);
}
