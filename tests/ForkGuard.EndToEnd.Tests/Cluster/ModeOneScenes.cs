namespace ForkGuard.EndToEnd.Tests.Cluster;

/// <summary>The agent in mode 1, with a scan every two seconds, and servers that save: one of each kind with too little memory.</summary>
public sealed class ModeOneScenes : IAsyncLifetime
{
    // Room for a save while half of the data is written to, and not while all of it is.
    private const int TightMebibytes = 200;

    // Room for all of it, of which a save takes 40 to 45 %: between the levels of a report and of a warning.
    private const int AmpleMebibytes = 420;

    private ModeOfAgent? _mode;

    internal SavingServer[] Tight { get; private set; } = [];

    internal SavingServer[] Ample { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        // The agent reads its spec whenever it writes, as for another mode.
        await Node.ScanEveryAsync(seconds: 2, CancellationToken.None);
        _mode = await ModeOfAgent.SetToOneAsync(CancellationToken.None);
        await Shell.SucceedAsync(["kubectl", "create", "namespace", SavingServer.Namespace]);
        SavingServer[] servers = await Task.WhenAll(
            StartAsync("redis", Images.Redis, "tight", TightMebibytes),
            StartAsync("valkey", Images.Valkey, "tight", TightMebibytes),
            StartAsync("redis", Images.Redis, "ample", AmpleMebibytes),
            StartAsync("valkey", Images.Valkey, "ample", AmpleMebibytes)
        );
        (Tight, Ample) = (servers[..2], servers[2..]);
    }

    public async ValueTask DisposeAsync()
    {
        if (_mode is not null)
        {
            await _mode.DisposeAsync();
        }

        await Shell.SucceedAsync(["kubectl", "delete", "namespace", SavingServer.Namespace, "--wait=false"]);
    }

    private static Task<SavingServer> StartAsync(string program, string image, string name, int mebibytes) =>
        SavingServer.StartAsync(program, image, name, mebibytes, CancellationToken.None);
}
