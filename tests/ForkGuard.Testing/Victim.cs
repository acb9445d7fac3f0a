using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;

namespace ForkGuard.Testing;

/// <summary>A process with a chosen address space that really tries to fork. One command at a time.</summary>
public sealed class Victim : IAsyncDisposable
{
    /// <summary>How long any answer may take.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly Nobody _start;
    private readonly string _described;
    private bool _isDisposed;

    private Victim(Process process, Nobody start, string name, string described)
    {
        Name = name;
        _process = process;
        _start = start;
        _described = described;
        Pid = process.Id;
    }

    public int Pid { get; }

    /// <summary>The kernel's name of the process.</summary>
    public string Name { get; }

    /// <summary>The mapping the layout is about; empty when the layout has none, and after <see cref="FreeAsync"/>.</summary>
    public MappedRange Range { get; private set; }

    /// <summary>The errno with which the kernel refused the layout itself, as strict mode does; the victim is gone then.</summary>
    public int? BuildFailure { get; private set; }

    /// <summary>Starts a victim and waits until its layout stands or was refused.</summary>
    /// <param name="layout">One of <see cref="VictimLayout"/>.</param>
    /// <param name="pages">The layout's size.</param>
    /// <param name="name">The kernel's name of the process: any bytes, cut at 15.</param>
    /// <param name="asNobody">As the user nobody without capabilities; as is when the tests are not run by root.</param>
    /// <param name="cancellationToken">Ends the victim.</param>
    public static async Task<Victim> StartAsync(
        string layout,
        long pages,
        string? name = null,
        bool asNobody = false,
        CancellationToken cancellationToken = default
    )
    {
        string[] arguments = [layout, pages.ToString(CultureInfo.InvariantCulture)];
        return await StartAsync(arguments, name, asNobody, cancellationToken);
    }

    /// <summary>Starts a victim with an address space of areas, such as <c>rw:4096</c>: see tests/victim/README.md.</summary>
    public static Task<Victim> StartAreasAsync(
        IEnumerable<string> areas,
        string? name = null,
        CancellationToken cancellationToken = default
    ) => StartAsync(["areas", .. areas], name, asNobody: false, cancellationToken);

    private static async Task<Victim> StartAsync(
        string[] own,
        string? name,
        bool asNobody,
        CancellationToken cancellationToken
    )
    {
        string program = await VictimBuild.GetAsync();
        Nobody start = asNobody ? Nobody.ToRun(program) : Nobody.NotNeeded(program);
        ProcessStartInfo info = new(start.Program, [.. start.Leading, .. name is null ? own : ["--name", name, .. own]])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        Victim victim = new(
            Process.Start(info)!,
            start,
            name ?? Path.GetFileName(program),
            $"victim {string.Join(' ', own.Take(2))}"
        );
        try
        {
            await victim.AwaitLayoutAsync(cancellationToken);
            return victim;
        }
        catch
        {
            await victim.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// A name that no other process has, within the kernel's 15 bytes: what is reported of processes of one name is the worst.
    /// </summary>
    public static string UniqueName() => $"fg-{RandomNumberGenerator.GetHexString(10, lowercase: true)}";

    /// <summary>A real fork(2): 0, or the errno it failed with.</summary>
    public Task<int> ForkAsync(CancellationToken cancellationToken = default) => TryAsync("fork", cancellationToken);

    /// <summary>A real fork(2) whose child stays, one at a time, until <see cref="EndChildAsync"/> or the victim's end.</summary>
    public Task<int> KeepChildAsync(CancellationToken cancellationToken = default) =>
        TryAsync("keep", cancellationToken);

    /// <summary>Forks children that stay until the victim ends.</summary>
    public Task<int> StartWorkersAsync(int count, CancellationToken cancellationToken = default) =>
        TryAsync(string.Create(CultureInfo.InvariantCulture, $"workers {count}"), cancellationToken);

    /// <summary>A child that stays and shares the memory of the victim (clone(2), CLONE_VM); ends as the other.</summary>
    public Task<int> ShareChildAsync(CancellationToken cancellationToken = default) =>
        TryAsync("share", cancellationToken);

    /// <summary>The main thread exits, and another one goes on: the process is in state Z, and can still fork.</summary>
    public Task<int> LeaveMainThreadAsync(CancellationToken cancellationToken = default) =>
        TryAsync("leave", cancellationToken);

    public Task<int> EndChildAsync(CancellationToken cancellationToken = default) => TryAsync("end", cancellationToken);

    public Task<int> VforkAsync(CancellationToken cancellationToken = default) => TryAsync("vfork", cancellationToken);

    /// <summary>posix_spawn(3).</summary>
    public Task<int> SpawnAsync(CancellationToken cancellationToken = default) => TryAsync("spawn", cancellationToken);

    /// <summary>pthread_create(3).</summary>
    public Task<int> ThreadAsync(CancellationToken cancellationToken = default) =>
        TryAsync("thread", cancellationToken);

    /// <summary>Writes to the first pages of the mapping, so that they become resident.</summary>
    public Task<int> TouchAsync(long pages, CancellationToken cancellationToken = default) =>
        TryAsync(string.Create(CultureInfo.InvariantCulture, $"touch {pages}"), cancellationToken);

    /// <summary>MADV_DONTFORK for all of the layout.</summary>
    public Task<int> DontForkAsync(CancellationToken cancellationToken = default) =>
        TryAsync("dontfork", cancellationToken);

    /// <summary>Takes MADV_DONTFORK back.</summary>
    public Task<int> DoForkAsync(CancellationToken cancellationToken = default) =>
        TryAsync("dofork", cancellationToken);

    /// <summary>Extends the last mapping in place, still one VMA, and <see cref="Range"/> with it: 0 or the errno.</summary>
    public async Task<int> GrowAsync(long pages, CancellationToken cancellationToken = default)
    {
        string[] answer = await AskAsync(
            string.Create(CultureInfo.InvariantCulture, $"grow {pages}"),
            cancellationToken
        );
        if (answer is ["grown", var start, var end])
        {
            Range = ParseRange(start, end);
            return Errno.None;
        }

        return Refusal(answer);
    }

    /// <summary>Unmaps everything the layout mapped.</summary>
    public async Task<int> FreeAsync(CancellationToken cancellationToken = default)
    {
        int errno = await TryAsync("free", cancellationToken);
        Range = errno == Errno.None ? default : Range;
        return errno;
    }

    /// <summary>Ends this process, and no other. Once more does nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
        _start.Dispose();
    }

    private static MappedRange ParseRange(string start, string end) =>
        new(
            ulong.Parse(start, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture),
            ulong.Parse(end, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
        );

    private async Task AwaitLayoutAsync(CancellationToken cancellationToken)
    {
        string[] answer = await ReadAsync("its layout", cancellationToken);
        if (answer is ["ready", _, var start, var end])
        {
            Range = ParseRange(start, end);
        }
        else
        {
            BuildFailure = Refusal(answer);
        }
    }

    private async Task<int> TryAsync(string command, CancellationToken cancellationToken)
    {
        string[] answer = await AskAsync(command, cancellationToken);
        return answer.Length >= 2 && string.Equals(command.Split(' ')[0], answer[0], StringComparison.Ordinal)
            ? int.Parse(answer[1], CultureInfo.InvariantCulture)
            : throw Unexpected(answer);
    }

    /// <summary>An errno of 0 is the victim's own complaint, that the layout is not what was asked for.</summary>
    private int Refusal(string[] answer) =>
        answer is ["failed", not "0", ..]
            ? int.Parse(answer[1], CultureInfo.InvariantCulture)
            : throw Unexpected(answer);

    private InvalidOperationException Unexpected(string[] answer) =>
        new($"{_described} (pid {Pid}) answered: {string.Join(' ', answer)}");

    private async Task<string[]> AskAsync(string command, CancellationToken cancellationToken)
    {
        await _process.StandardInput.WriteAsync($"{command}\n".AsMemory(), cancellationToken);
        await _process.StandardInput.FlushAsync(cancellationToken);
        return await ReadAsync(command, cancellationToken);
    }

    private async Task<string[]> ReadAsync(string awaited, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            string? line = await _process.StandardOutput.ReadLineAsync(limit.Token);
            return line?.Split(' ')
                ?? throw new InvalidOperationException($"{_described} (pid {Pid}) ended; awaited was: {awaited}.");
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException(
                $"{_described} (pid {Pid}) did not answer within {Limit.TotalSeconds} s; awaited was: {awaited}.",
                late
            );
        }
    }
}
