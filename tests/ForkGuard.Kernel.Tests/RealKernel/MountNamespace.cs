using System.Runtime.InteropServices;

namespace ForkGuard.Kernel.Tests.RealKernel;

/// <summary>Runs code on a thread with mounts of its own, which end with the thread.</summary>
internal static unsafe partial class MountNamespace
{
    private const int NewMountNamespace = 0x20000;
    private const ulong Bind = 0x1000;
    private const ulong RecursivePrivate = 0x44000;

    /// <summary>False without the privilege to make one.</summary>
    internal static bool TryRun(string source, string target, Action action)
    {
        var isMade = false;
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            isMade =
                unshare(NewMountNamespace) == 0
                && mount("none", "/", null, RecursivePrivate, null) == 0
                && mount(source, target, null, Bind, null) == 0;
            try
            {
                if (isMade)
                {
                    action();
                }
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        thread.Start();
        thread.Join();
        return failure is null ? isMade : throw new InvalidOperationException("it failed in there", failure);
    }

    [LibraryImport("libc")]
    private static partial int unshare(int flags);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mount(string source, string target, string? type, ulong flags, void* data);
}
