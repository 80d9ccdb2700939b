using MlTr.Abstractions.Datasets;
using MlTr.Grains.Datasets;

namespace MlTr.Grains.Tests.Fakes;

/// <summary>Answers with what it was asked for.</summary>
internal sealed class FakeDatasetBrowser : IDatasetBrowser
{
    public DatasetCheck Check(DatasetRegistration registration) => new("coco", ["disc"], [], registration.Folder == "/nowhere" ? [new("folder", "There is no folder.")] : [], []);

    public SplitStatistics Count(DatasetSnapshot dataset, string split) => new(split, 8, [8], [0, 8], [], 0, []);

    public PicturePage List(DatasetSnapshot dataset, PictureQuery query) => new(query.Take, [new PictureSnapshot(query.Skip, "a.png", 1, 1, [], [], [])]);

    public PictureFile Thumbnail(DatasetSnapshot dataset, string split, int index, int side) => new([(byte)(side / 16)], "image/png");
}
