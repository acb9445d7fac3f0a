using System.Globalization;

namespace ForkGuard.Lab.Tests.Machine;

/// <summary>A program in a guest that saves by forking: see tests/saver.</summary>
internal sealed class GuestSaver(Guest guest, GuestVictim process, string progress)
{
    internal const long PageBytes = 4096;

    internal GuestVictim Process => process;

    internal int Pid => process.Pid!.Value;

    /// <summary>Sends commands that each must succeed.</summary>
    internal Task DoAsync(params IEnumerable<string> commands) => process.DoAsync(commands);

    /// <summary>Writes to so many of its pages; false if it was killed.</summary>
    internal async Task<bool> RewriteAsync(long pages)
    {
        var answer = await process.TellAsync(string.Create(CultureInfo.InvariantCulture, $"rewrite {pages}"));
        Assert.True(answer[0] is "rewrite 0 0" or "ended", answer[0]);
        return answer[0] != "ended";
    }

    /// <summary>Bytes that it has rewritten, also once it was killed.</summary>
    internal async Task<long> RewrittenBytesAsync()
    {
        var answer = await guest.RunAsync(Initramfs.Saver, progress, "show");
        Assert.True(answer is ["exit   0", _, ..], string.Join(' ', answer));
        return long.Parse(answer[1], CultureInfo.InvariantCulture) * PageBytes;
    }
}
