using MlTr.Model.Data;
using MlTr.Model.Data.Marks;
using MlTr.Model.Data.Readers;
using MlTr.Model.Tests.Data;

[assembly: AssemblyFixture(typeof(MarksFixture))]

namespace MlTr.Model.Tests.Data;

/// <summary>The small set of marks, drawn once for all tests.</summary>
public sealed class MarksFixture : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly Lazy<string> root;

    public MarksFixture() => root = new(() =>
    {
        MarksDataset.Ensure(MarksPreset.Mini, folder["marks-mini"]);
        return folder["marks-mini"];
    });

    public string Root => root.Value;

    public ImageSet Read(string split) => CocoReader.Read(Path.Combine(Root, "annotations", split + ".json"), Path.Combine(Root, split));

    public void Dispose() => folder.Dispose();
}
