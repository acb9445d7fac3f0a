using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using ForkGuard.Testing;

namespace ForkGuard.Lab.Tests.Machine;

/// <summary>
/// A virtual machine without network and without hardware help, whose init answers on its second serial port. Its console
/// is in artifacts/lab.
/// </summary>
internal sealed class VirtualMachine : IAsyncDisposable
{
    // QEMU 7.2 now and then gets the flags of cmpxchg16b wrong, and the kernel's slabs break: X86_FEATURE_CX16
    // (arch/x86/include/asm/cpufeatures.h), which the kernel then does without.
    private const int CompareAndExchange16 = (4 * 32) + 13;

    private static readonly TimeSpan BootLimit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan OffLimit = TimeSpan.FromSeconds(10);

    // The guest puts it where a newline would end its answer.
    private const char LineSeparator = '\x1f';

    private readonly Process _qemu;
    private readonly string _console;
    private InvalidOperationException? _failure;

    private VirtualMachine(Process qemu, string console)
    {
        _qemu = qemu;
        _console = console;
    }

    /// <summary>
    /// Boots, up to three times: an emulated processor now and then ends in a panic of the kernel's. Files are paths in the
    /// guest, and what is copied there.
    /// </summary>
    internal static Task<VirtualMachine> BootAsync(
        LabKernel kernel,
        string name,
        int mebibytes,
        int cpus,
        IReadOnlyDictionary<string, string>? files = null
    ) =>
        BootAsync(
            kernel,
            name,
            mebibytes,
            cpus,
            () => Initramfs.BuildAsync(kernel, name, files ?? new Dictionary<string, string>(StringComparer.Ordinal)),
            BootLimit
        );

    /// <summary>Boots an initramfs of another kind, whose <c>/init</c> may take longer to be up.</summary>
    internal static async Task<VirtualMachine> BootAsync(
        LabKernel kernel,
        string name,
        int mebibytes,
        int cpus,
        Func<Task<string>> initramfs,
        TimeSpan bootLimit,
        string options = ""
    )
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await BootOnceAsync(kernel, name, mebibytes, cpus, await initramfs(), bootLimit, options);
            }
            catch (InvalidOperationException) when (attempt < 3 && File.Exists(ConsoleOf(name)))
            {
                // The console of the attempt is kept beside that of the next one.
                var console = ConsoleOf(name);
                File.Move(console, $"{console}.{attempt}", overwrite: true);
            }
        }
    }

    private static async Task<VirtualMachine> BootOnceAsync(
        LabKernel kernel,
        string name,
        int mebibytes,
        int cpus,
        string initramfs,
        TimeSpan bootLimit,
        string options
    )
    {
        var console = ConsoleOf(name);
        File.Delete(console);
        string[] arguments =
        [
            "-accel",
            "tcg",
            // The oldest that NativeAOT's code runs on: what is not used need not be translated.
            "-cpu",
            "Nehalem",
            "-m",
            mebibytes.ToString(CultureInfo.InvariantCulture),
            "-smp",
            cpus.ToString(CultureInfo.InvariantCulture),
            "-nodefaults",
            "-display",
            "none",
            "-nic",
            "none",
            "-no-reboot",
            "-serial",
            $"file:{console}",
            "-serial",
            "stdio",
            "-kernel",
            kernel.Image,
            "-initrd",
            initramfs,
            "-append",
            $"console=ttyS0 panic=-1 oops=panic rdinit=/init clearcpuid={CompareAndExchange16} {options}",
        ];
        var machine = new VirtualMachine(Start(arguments), console);
        try
        {
            var hello = await machine.ReadAsync("boot", bootLimit);
            return hello == "up" ? machine : throw machine.Failure($"said '{hello}' when it should be up");
        }
        catch
        {
            await machine.DisposeAsync();
            throw;
        }
    }

    private static string ConsoleOf(string name) => Path.Combine(RepositoryPaths.Artifacts, "lab", $"{name}.console");

    /// <summary>One request, and the lines of its answer.</summary>
    internal async Task<string[]> AskAsync(string request)
    {
        // An answer that came too late would be taken for that of the next request.
        if (_failure is not null)
        {
            throw _failure;
        }

        await _qemu.StandardInput.WriteAsync(request + "\n");
        await _qemu.StandardInput.FlushAsync();
        return (await ReadAsync(request, AnswerLimit)).Split(LineSeparator);
    }

    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource limit = new(OffLimit);
        try
        {
            await _qemu.StandardInput.WriteAsync("off\n".AsMemory(), limit.Token);
            await _qemu.StandardInput.FlushAsync(limit.Token);
            await _qemu.WaitForExitAsync(limit.Token);
        }
        catch (Exception stuck) when (stuck is OperationCanceledException or IOException)
        {
            _qemu.Kill();
            await _qemu.WaitForExitAsync(CancellationToken.None);
        }

        _qemu.Dispose();
    }

    private static Process Start(IEnumerable<string> arguments)
    {
        var info = new ProcessStartInfo("qemu-system-x86_64", arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        try
        {
            return Process.Start(info)!;
        }
        catch (Win32Exception missing)
        {
            throw new InvalidOperationException(
                "The lab needs qemu-system-x86_64. Install Debian's qemu-system-x86, for example with eng/install-prerequisites.",
                missing
            );
        }
    }

    private async Task<string> ReadAsync(string awaited, TimeSpan time)
    {
        using CancellationTokenSource limit = new(time);
        try
        {
            return await _qemu.StandardOutput.ReadLineAsync(limit.Token)
                ?? throw Failure($"ended; awaited was: {awaited}");
        }
        catch (OperationCanceledException)
        {
            throw Failure($"did not answer within {time.TotalSeconds} s; awaited was: {awaited}");
        }
    }

    private InvalidOperationException Failure(string what)
    {
        var last = File.Exists(_console) ? File.ReadLines(_console).TakeLast(15) : [];
        return _failure = new($"The virtual machine {what}\n{_console} ends with:\n{string.Join('\n', last)}");
    }
}
