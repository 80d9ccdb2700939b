using MlTr.Abstractions.Datasets;
using MlTr.Grains.Datasets.Decoded;
using MlTr.Model.Data;
using MlTr.Model.Data.Decoded;

namespace MlTr.Silo.Datasets;

/// <summary>Decodes shards with the model's decoder into the machine's folder.</summary>
internal sealed class ModelPictureDecoder(DecodedFolder folder, DatasetCopies copies) : IPictureDecoder
{
    // What has a wrong header is kept out later, by whoever reads; here it is one more picture that cannot be decoded.
    private static readonly DatasetReadOptions Options = new() { CheckHeaders = false, MaxBadShare = 1 };

    public long BytesOf(int pictures, int imageSize) => DecodedShard.BytesOf(pictures, imageSize);

    public void Decode(DatasetSnapshot dataset, string split, int shard, int shards, int imageSize, Action<int, int> progress, CancellationToken cancellationToken)
    {
        var here = copies.Fetch(dataset, progress: null, cancellationToken);
        var set = DatasetFolder.Open(here.Folder, here.Format, split, Options, cancellationToken);
        DecodedShard.Write(set, shard, shards, imageSize, folder.Of(here, split, imageSize), progress, cancellationToken);
    }
}
