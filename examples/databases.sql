create role cupola login password 'cupola';
create database cupola_bbs owner cupola;
create database cupola_locket owner cupola;
create database cupola_uaa owner cupola;
create database cupola_cloud_controller owner cupola;
create database cupola_routing_api owner cupola;
