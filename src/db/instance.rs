//! Queries on the one row about this installation.

use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, Set, Unchanged};

use super::Tx;
use super::entity::instance::{ActiveModel, Entity, Model};
use crate::domain::id::InstanceId;
use crate::domain::setup::{KeyStorageMode, RemoteAuthMode, RuntimeMode, SetupState};
use crate::error::{Error, Result, codes};

const ROW: i32 = 1;

/// The row; it is made at the first start.
pub async fn get(db: &impl ConnectionTrait) -> Result<Model> {
    let row = Entity::find_by_id(ROW).one(db).await?;
    row.ok_or_else(|| Error::internal(codes::DATA_ERROR, "the instance row is missing", "no row 1"))
}

/// Makes the row of a fresh installation: local mode, set-up not begun.
pub async fn ensure(tx: &Tx, now: i64) -> Result<()> {
    if Entity::find_by_id(ROW).one(tx).await?.is_some() {
        return Ok(());
    }
    let row = ActiveModel {
        id: Set(ROW),
        instance_id: Set(InstanceId::new()),
        setup_state: Set(SetupState::BootstrapPending),
        runtime_mode: Set(RuntimeMode::Local),
        remote_auth_mode: Set(RemoteAuthMode::Oidc),
        key_storage_mode: Set(KeyStorageMode::File),
        runners_paused: Set(false),
        pause_reason: Set(None),
        epoch: Set(0),
        created_at: Set(now),
        updated_at: Set(now),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Records how far the set-up has come.
pub async fn set_state(tx: &Tx, state: SetupState, now: i64) -> Result<()> {
    let row = ActiveModel {
        id: Unchanged(ROW),
        setup_state: Set(state),
        updated_at: Set(now),
        ..Default::default()
    };
    row.update(tx).await?;
    Ok(())
}

/// Notes that the database was put in the place of another; answers how often that was done.
pub async fn raise_epoch(tx: &Tx, now: i64) -> Result<i64> {
    let epoch = get(tx).await?.epoch + 1;
    let row =
        ActiveModel { id: Unchanged(ROW), epoch: Set(epoch), updated_at: Set(now), ..Default::default() };
    row.update(tx).await?;
    Ok(epoch)
}

/// Holds back, or lets go on, the handing out of builds.
pub async fn set_runners_paused(tx: &Tx, paused: bool, reason: Option<String>, now: i64) -> Result<Model> {
    let row = ActiveModel {
        id: Unchanged(ROW),
        runners_paused: Set(paused),
        pause_reason: Set(reason),
        updated_at: Set(now),
        ..Default::default()
    };
    Ok(row.update(tx).await?)
}

/// Records how people reach the instance and sign in.
pub async fn set_modes(tx: &Tx, runtime: RuntimeMode, auth: RemoteAuthMode, now: i64) -> Result<Model> {
    let row = ActiveModel {
        id: Unchanged(ROW),
        runtime_mode: Set(runtime),
        remote_auth_mode: Set(auth),
        updated_at: Set(now),
        ..Default::default()
    };
    Ok(row.update(tx).await?)
}
