using ForkGuard.Api.Validation;
using ForkGuard.ApiReference;

namespace ForkGuard.Manifests.Tests;

public sealed class SampleTests
{
    public static TheoryData<string> Samples { get; } =
    [.. Directory.EnumerateFiles(ManifestPaths.Samples).Select(file => Path.GetFileName(file)!)];

    [Theory]
    [MemberData(nameof(Samples))]
    public void A_sample_is_valid(string file)
    {
        var read = WatchDocument.Read(YamlDocuments.ReadFile(Path.Combine(ManifestPaths.Samples, file)));
        Assert.Empty(read.Errors);
    }
}
