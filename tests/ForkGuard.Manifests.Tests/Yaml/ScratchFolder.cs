namespace ForkGuard.Manifests.Tests.Yaml;

/// <summary>A folder that is gone after the test.</summary>
internal sealed class ScratchFolder : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("forkguard-manifests-").FullName;

    public string Write(string name, string text)
    {
        var file = Path.Combine(Root, name);
        File.WriteAllText(file, text);
        return file;
    }

    public string Write(string name, byte[] bytes)
    {
        var file = Path.Combine(Root, name);
        File.WriteAllBytes(file, bytes);
        return file;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
