using MlTr.Abstractions.Datasets;
using MlTr.Grains.Placement;
using MlTr.Grains.Storage;
using Orleans.Concurrency;

namespace MlTr.Grains.Datasets;

/// <summary>Looks into a dataset on threads of its own: reading a large set's labels takes longer than a turn may.</summary>
[ControlSilo, Reentrant]
internal sealed class DatasetContentsGrain(IExperimentStore store, IDatasetBrowser browser) : Grain, IDatasetContentsGrain
{
    public async Task<DatasetCheck> CheckAsync(DatasetRegistration registration)
    {
        var check = await Task.Run(() => browser.Check(registration));
        var problem = DatasetIds.Problem(registration.Id);
        if (problem is null && await store.LoadDatasetAsync(registration.Id) is { } known)
        {
            problem = $"'{known.Id}' is {known.Folder} ({known.Format}) already: choose another id.";
        }

        return problem is null ? check : check with { Problems = check.Problems.Insert(0, new DatasetProblem("id", problem)) };
    }

    public Task<SplitStatistics> GetStatisticsAsync(string split) => WithAsync(dataset => browser.Count(dataset, split));

    public Task<PicturePage> GetPicturesAsync(PictureQuery query) =>
        WithAsync(dataset => browser.List(dataset, query with { Skip = Math.Max(0, query.Skip), Take = Math.Clamp(query.Take, 1, PictureQuery.MaxTake) }));

    public Task<PictureFile> GetThumbnailAsync(string split, int index, int side) =>
        WithAsync(dataset => browser.Thumbnail(dataset, split, index, Math.Clamp(side, PictureFile.MinSide, PictureFile.MaxSide)));

    private async Task<T> WithAsync<T>(Func<DatasetSnapshot, T> look)
    {
        var dataset = await store.LoadDatasetAsync(this.GetPrimaryKeyString()) ?? throw Missing();
        return dataset.State == DatasetState.Ready
            ? await Task.Run(() => look(dataset))
            : throw new DatasetContentsException($"The pictures of {dataset.Id} have not been read yet: prepare it first.");
    }

    private KeyNotFoundException Missing()
    {
        DeactivateOnIdle();
        return new KeyNotFoundException($"There is no dataset '{this.GetPrimaryKeyString()}'.");
    }
}
