using System.Globalization;
using ForkGuard.Lab.Tests.Machine;
using ForkGuard.Lab.Tests.Programs;
using ForkGuard.Testing;

namespace ForkGuard.Lab.Tests.Redis;

/// <summary>A BGSAVE: when Redis logged that it began or was refused, on the guest's clock, and what its fork ended with.</summary>
internal sealed record RedisSave(DateTimeOffset Time, ProgramFork Fork);

/// <summary>
/// Redis in a guest, and a redis-cli that stays: one that comes for each command would commit memory between a verdict
/// and the fork that it is about.
/// </summary>
internal sealed class GuestRedis
{
    internal const string Configuration = "/redis.conf";
    internal const string Manifest = "/redis.yaml";
    internal const string Refusal = "Can't save in background: fork: Cannot allocate memory";

    private const string Server = "redis-server";
    private const string Client = "redis-cli";
    private const int ValueBytes = 64 << 10;

    private readonly Guest _guest;
    private int _fills;

    private GuestRedis(Guest guest, int pid)
    {
        _guest = guest;
        Pid = pid;
    }

    internal int Pid { get; }

    internal static async Task<GuestRedis> StartAsync(Guest guest)
    {
        await guest.SpawnAsync(Server, $"/usr/bin/redis-server {Configuration}");
        var ready = await AwaitLogAsync(guest, "ready to accept connections");
        await guest.SpawnAsync(Client, "/usr/bin/redis-cli -s /tmp/redis.sock");
        var redis = new GuestRedis(guest, int.Parse(ready.Split(':')[0], CultureInfo.InvariantCulture));
        Assert.Equal(["PONG"], await guest.TellAsync(Client, "PING"));
        return redis;
    }

    /// <summary>Stores values under new keys, all of their memory written; returns when that was done, on the guest's clock.</summary>
    internal async Task<DateTimeOffset> FillAsync(long mebibytes)
    {
        Assert.Equal(
            ["OK"],
            await _guest.TellAsync(
                Client,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"DEBUG POPULATE {(mebibytes << 20) / ValueBytes} fill{++_fills} {ValueBytes}"
                )
            )
        );
        return await TimeAsync();
    }

    /// <summary>Saves, and is back when the child that saves has ended.</summary>
    internal async Task<RedisSave> SaveAsync()
    {
        var answer = await _guest.TellAsync(Client, "BGSAVE");
        var first = await AwaitLogAsync(_guest, "Background saving started by", "Can't save in background");
        var isRefused = first.Contains(Refusal, StringComparison.Ordinal);
        Assert.True(isRefused || !first.Contains("Can't", StringComparison.Ordinal), first);
        if (!isRefused)
        {
            var end = await AwaitLogAsync(_guest, "Background saving terminated", "Background saving error");
            Assert.Contains("with success", end, StringComparison.Ordinal);
        }

        var outcome = ForkOutcome.Of(Pid, isRefused ? Errno.NoMemory : Errno.None, answer.Skip(1));
        return new(TimeOf(first), new(outcome, first.Split(' ', 7)[^1]));
    }

    /// <summary>Waits on the guest's clock, for a list that never comes.</summary>
    internal async Task WaitUntilAsync(TimeSpan uptime)
    {
        var left = uptime - await _guest.UptimeAsync();
        if (left > TimeSpan.Zero)
        {
            await _guest.TellAsync(
                Client,
                string.Create(CultureInfo.InvariantCulture, $"BLPOP never {left.TotalSeconds:F3}")
            );
        }
    }

    private async Task<DateTimeOffset> TimeAsync()
    {
        var seconds = (await _guest.TellAsync(Client, "TIME"))[0];
        var microseconds = await _guest.LineAsync(Client);
        return DateTimeOffset
            .FromUnixTimeSeconds(long.Parse(seconds, CultureInfo.InvariantCulture))
            .AddMicroseconds(long.Parse(microseconds, CultureInfo.InvariantCulture));
    }

    private static async Task<string> AwaitLogAsync(Guest guest, params string[] any)
    {
        for (var last = ""; ; )
        {
            var line = await guest.LineAsync(Server);
            Assert.False(
                line is "silent" or "ended",
                $"Redis is {line} after '{last}'; awaited: {string.Join(", ", any)}"
            );
            if (any.Any(text => line.Contains(text, StringComparison.Ordinal)))
            {
                return line;
            }

            last = line;
        }
    }

    /// <summary>As in <c>97:M 22 Nov 2026 23:52:16.619 * Background saving started by pid 98</c>; the guest has no time zone.</summary>
    private static DateTimeOffset TimeOf(string line) =>
        DateTimeOffset.ParseExact(
            string.Join(' ', line.Split(' ')[1..5]),
            "dd MMM yyyy HH:mm:ss.fff",
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal
        );
}
